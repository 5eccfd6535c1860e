/// The texts of `--help`.
enum Help {
  static let program: StaticString = """
    Runs int8 models (.swl files made by `swiftlet convert`) on small Linux boards.

    usage: swiftletd run --config FILE [--verbose]
           swiftletd check --config FILE
           swiftletd probe
           swiftletd record --config FILE --label NAME --output FILE.csv
                     [--duration S]
           swiftletd infer MODEL.swl --input X.npy --output Y.npy
                     [--raw] [--independent] [--threads N]
           swiftletd bench MODEL.swl [--json] [--iterations N | --seconds S]
                     [--threads N]
           swiftletd COMMAND --help
           swiftletd --version

      run     predicts from sensors, keeps a journal, drives outputs
      check   says whether `run` would work, and what to do if not
      probe   lists buses, devices that answer, GPIO lines and kernel sensors
      record  collects labelled samples for training
      infer   runs the model on every sample of a file
      bench   measures how long the model takes

    Exit status: 0 done, 64 wrong usage, 65 bad data, 66 no such input, 70 internal
    error, 73 cannot create a file, 74 input/output error; 128 + signal when
    interrupted.

    """

  static let run: StaticString = """
    Predicts from sensors, keeps a journal, drives outputs.

    usage: swiftletd run --config FILE [--verbose]

      --config FILE    what to run, see below
      --verbose        shows predictions also where standard output is no terminal

    The configuration is an INI file; relative paths count from its folder. Unknown
    sections and keys are errors. docs/running.md explains all keys; the shortest:

      [model]
      path = model.swl           a model with an input contract
      [sensor room]
      type = bme280              or another type, see docs/sensors.md
      bus = /dev/i2c-1
      [channel temperature]      one for each channel of the model
      sensor = room
      quantity = temperature
      [log]
      folder = /var/lib/swiftlet/log

    A recorded CSV file (time_s and the channels) takes the place of sensors:

      [sensor recording]
      type = replay
      path = recording.csv
      pace = real-time           or as-fast-as-possible; default: real-time

    It stays in the foreground. SIGTERM and SIGINT end it in order; SIGHUP reads the
    configuration and the model anew and keeps the old ones if they are wrong.

    """

  static let check: StaticString = """
    Says whether `swiftletd run` would work, and what to do if not.

    usage: swiftletd check --config FILE

    One line for each part of the configuration: the model and its channels, the
    log folder, memory and priority, each sensor and each output. Nothing is
    started, written or driven; a daemon that runs is not disturbed.

    Exit status 0 when everything is fine, else that of the first problem.

    """

  static let probe: StaticString = """
    Lists what there is to sense with on this machine.

    usage: swiftletd probe [--sysfs FOLDER]

      --sysfs FOLDER   where the kernel shows its devices; default: /sys

    I2C buses with the addresses that answer and what is likely there; GPIO chips
    with their named and used lines; sensors that kernel drivers offer as files.
    Addresses are asked by an empty write, a few devices for their identification.

    """

  static let record: StaticString = """
    Collects labelled samples for training.

    usage: swiftletd record --config FILE --label NAME --output FILE.csv
                     [--duration S]

      --config FILE       model, sensors and channels, as for `run`
      --label NAME        what the samples show
      --output, -o FILE   the recording: time_s and the channels, in their units
      --duration S        seconds; without it until SIGINT (Ctrl-C) or SIGTERM

    FILE.json beside it gets label, units, rate, calibration, time of the start,
    and what was lost. Samples that lack a reading are left out and counted.

    """
}
