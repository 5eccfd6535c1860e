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

  static let infer: StaticString = """
    Runs the model on every sample of a file.

    usage: swiftletd infer MODEL.swl --input X.npy --output Y.npy
                     [--raw] [--independent]

      --input X.npy    samples: the first axis counts them, the others are the
                       tensor's; a leading 1 of the tensor may be left out. - is
                       standard input. For a model with several inputs, once for
                       each, in their order
      --output Y.npy   results, likewise; once for each output, in their order. - is
                       standard output. Appears complete under its name or not at all
      --raw            elements are the model's own (int8, uint8, ...) on both
                       sides; without it they are real numbers (float32), quantized
                       and dequantized here
      --independent    starts every sample anew; without it a streaming model
                       remembers the samples before

    """

  static let bench: StaticString = """
    Measures how long the model takes.

    usage: swiftletd bench MODEL.swl [--json] [--iterations N | --seconds S]
                     [--threads 1]

      --json           one JSON object instead of text
      --iterations N   runs the model exactly N times
      --seconds S      runs it for S seconds (default: 1)
      --threads 1      this version runs on one thread

    The input is the same on every machine, made by a fixed generator and copied in
    before each run, outside the time that counts; output_hash (FNV-1a, 32 bits, of
    the first run's output) tells whether two machines computed the same.
    SWIFTLET_ISA=portable in the environment takes the reference kernels, other
    names those for one instruction set.

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
