import Text

/// The texts of `--help` for the commands both programs have, each under its own name.
enum Help {
  static func printInfer(_ command: StaticString) throws(CommandFailure) {
    try print(
      command, infer,
      " MODEL.swl --input X.npy --output Y.npy\n         [--raw] [--independent] [--threads N]\n",
      inferOptions)
  }

  static func printBench(_ command: StaticString) throws(CommandFailure) {
    try print(
      command, bench,
      " MODEL.swl [--json] [--operators]\n         [--iterations N | --seconds S] [--threads N]\n",
      benchOptions)
  }

  private static func print(
    _ command: StaticString, _ purpose: StaticString, _ words: StaticString,
    _ options: StaticString
  ) throws(CommandFailure) {
    var text = TextBuffer<4096>()
    text.append(purpose)
    text.append("\n\nusage: ")
    text.append(command)
    text.append(words)
    text.append(options)
    try StandardOutput.write(text.bytes)
  }

  private static let infer: StaticString = "Runs the model on every sample of a file."

  private static let inferOptions: StaticString = """

      --input X.npy    samples: the first axis counts them, the others are the
                       tensor's; a leading 1 of the tensor may be left out. - is
                       standard input. For a model with several inputs, once for
                       each, in their order
      --output Y.npy   results, likewise; once for each output, in their order. - is
                       standard output. Appears complete under its name or never
      --raw            elements are the model's own (int8, uint8, ...) on both
                       sides; without it they are real numbers (float32), quantized
                       and dequantized here
      --independent    starts every sample anew; without it a streaming model
                       remembers the samples before
      --threads N      divides large operators among N threads (default: 1); the
                       results are the same

    """

  private static let bench: StaticString = "Measures how long the model takes."

  private static let benchOptions: StaticString = """

      --json           one JSON object instead of text
      --operators      also every operator alone: fastest run, share, kernel
      --iterations N   runs the model exactly N times
      --seconds S      runs it for S seconds (default: 1)
      --threads N      divides large operators among N threads (default: 1); the
                       output is the same. Small models stay on one

    The input is the same on every machine, made by a fixed generator and copied in
    before each run, outside the time that counts; output_hash (FNV-1a, 32 bits, of
    the first run's output) tells whether two machines computed the same.
    SWIFTLET_ISA=portable in the environment takes the reference kernels, other
    names those for one instruction set.

    """
}
