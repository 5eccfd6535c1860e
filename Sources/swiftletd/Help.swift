/// The texts of `--help`.
enum Help {
  static let program: StaticString = """
    Runs int8 models (.swl files made by `swiftlet convert`) on small Linux boards.

    usage: swiftletd infer MODEL.swl --input X.npy --output Y.npy
                     [--raw] [--independent]
           swiftletd bench MODEL.swl [--json] [--iterations N | --seconds S]
                     [--threads 1]
           swiftletd run --config FILE [--verbose]
           swiftletd COMMAND --help
           swiftletd --version

      infer   runs the model on every sample of a file
      bench   measures how long the model takes
      run     predicts from a stream of samples and keeps a log

    Exit status: 0 done, 64 wrong usage, 65 bad data, 66 no such input, 70 internal
    error, 73 cannot create a file, 74 input/output error; 128 + signal when
    interrupted.

    """

  static let run: StaticString = """
    Predicts from a stream of samples and keeps a log.

    usage: swiftletd run --config FILE [--verbose]

      --config FILE    what to run, see below
      --verbose        shows predictions also where standard output is no terminal

    The configuration is an INI file; relative paths count from its folder:

      [model]
      path = model.swl           a model with an input contract
      [source]
      type = replay              a recorded CSV file: time_s and the channels
      path = recording.csv
      pace = real-time           or as-fast-as-possible; default: real-time
      [log]
      folder = log               made when missing; gets predictions.jsonl

    SIGINT and SIGTERM end it in order, with a summary.

    """
}
