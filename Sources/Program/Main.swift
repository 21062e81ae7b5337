import BerthCLI

/// The executable. All that it does lies in ``BerthCLI``, where tests reach it.
@main
enum Main {
  static func main() async { await CommandLineProgram.run() }
}
