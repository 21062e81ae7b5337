import TestSupport

/// The smallest app there is, in two versions.
enum NapPlugin {
  static func first(port: Int, id: String = "nap") -> String {
    """
    schema: 1
    id: \(id)
    name: Nap
    summary: Sleeps
    category: other
    version: "1"
    programs: { sleep: [/usr/bin/sleep] }
    settings:
      note: { type: string, default: first, help: Something to read }
    ports:
      game: { protocol: udp, default: \(port) }
    services:
      main:
        exec: ["{{programs.sleep}}", infinity]
        stop: { grace: 1s }
    config:
      app.conf: { format: properties, values: { note: "{{settings.note}}", color: red } }
    """
  }

  /// Another unit, another config file and a migration.
  static func second(port: Int, id: String = "nap") -> String {
    first(port: port, id: id).replacing("version: \"1\"", with: "version: \"2\"")
      .replacing("color: red", with: "color: blue").replacing("grace: 1s", with: "grace: 2s")
        + """

        jobs:
          migrate: { at: [update], exec: [/usr/bin/touch, "{{paths.cache}}/migrated"] }
        """
  }

  /// A sandbox whose manager is up, with the app and whatever the first instance ever leaves for the next ones.
  static func prepare(_ box: SandboxFixture, port: Int) async throws {
    try box.addPlugin("nap", first(port: port))
    try await box.succeed("host", "up")
    try await box.succeed("install", "nap", "--no-start")
    try await box.succeed("remove", "nap", "--yes")
  }
}
