import Foundation
import TestSupport
import Testing

/// Somebody without rights takes the port of an instance. Each start of the unit looks for that itself, and no password is
/// told to whoever is there.
@Suite("Ports that somebody else has taken")
struct ForeignPortTests {
  /// A service that stays, whatever becomes of its port, and is told to end by a console.
  private static func patient(_ port: Int, opens: Bool = false) -> String {
    """
    schema: 1
    id: patient
    name: Patient
    summary: Stays
    category: game
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    settings: { key: { type: secret } }
    ports:
      game: { protocol: tcp, default: \(port), bind: 127.0.0.1 }
    services:
      main:
        exec:
          - "{{programs.perl}}"
          - -MIO::Socket::INET
          - -e
          - >-
            $| = 1; my $server = IO::Socket::INET->new(LocalAddr => q(127.0.0.1), LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) if \(opens ? 1 : 0);
            print qq(up\\n); while ($server) { my $client = $server->accept or next; print $client qq(Enter password:\\n); my $said = <$client>; print qq(heard $said); close $client }
            sleep 1 while 1
          - "{{ports.game}}"
        stop: { first: { console: quit, timeout: 5s }, signal: SIGTERM, grace: 2s }
    console: { protocol: teeworlds, port: game, password: "{{settings.key}}" }
    """
  }

  @Test("a start by the manager alone is refused, with the port and who has it, and 'status' says the same")
  func manager() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try box.addPlugin("patient", Self.patient(port))
      try await box.succeed("install", "patient", "--port", "\(port)", "--no-start")
      for transport in ["tcp"] {
        let attack = try Attack("squat", transport, "127.0.0.1", "\(port)")
        try await attack.output(with: "squatting")
        _ = try await box.systemctl("start", "patient@default.service")
        #expect(try await box.systemctl("is-active", "patient@default.service") != "active\n")
        let log = try await box.berth("logs", "patient").output
        #expect(log.contains("tcp/\(port)") && log.contains("attack-doors (process "), "\(log)")
        let status = try await box.berth("status", "patient", "--json").json()
        #expect(status["problem"].text?.contains("attack-doors (process ") == true)
        #expect(try await box.berth("restart", "patient", "--json").failure()["code"].text == "port-in-use")
        #expect(attack.output == "squatting\n")

        // Without that line the manager starts it beside the squatter, and says that all is well.
        let unit = "\(box.root)/config/systemd/user/patient@.service.d"
        try FileManager.default.createDirectory(atPath: unit, withIntermediateDirectories: true)
        try "[Service]\nExecStartPre=\n".write(toFile: "\(unit)/test.conf", atomically: true, encoding: .utf8)
        // A start of the manager's own that is under way would still look for the port.
        _ = try await box.systemctl("stop", "patient@default.service")
        _ = try await box.systemctl("daemon-reload")
        _ = try await box.systemctl("reset-failed", "patient@default.service")
        _ = try await box.systemctl("start", "patient@default.service")
        #expect(try await box.systemctl("is-active", "patient@default.service") == "active\n")

        // The password is told neither by a person's command nor by the unit when it stops.
        let console = try await box.berth("console", "patient", "hello", "--json")
        #expect(console.status == 77)
        #expect(try console.failure()["code"].text == "foreign-listener")
        #expect(try console.failure()["summary"].text?.contains("attack-doors") == true)
        try await box.succeed("stop", "patient")
        #expect(attack.output == "squatting\n")
        attack.end()
      }
    }
  }

  @Test("the unit's own console hears the password, from a person's command and from the unit")
  func own() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try box.addPlugin("patient", Self.patient(port, opens: true))
      try await box.succeed("install", "patient", "--port", "\(port)")
      for _ in 0..<100 where try await !box.berth("logs", "patient").output.contains("up") {
        try await Task.sleep(for: .milliseconds(50))
      }
      let key = try await box.berth("status", "patient", "--reveal", "--json").json()["settings"]["key"].text
      _ = try await box.berth("console", "patient", "hello")
      try await box.succeed("stop", "patient")
      let heard = try await box.berth("logs", "patient").output
      #expect(heard.split(separator: "\n").count { $0.hasSuffix("heard \(key ?? "?")") } == 2, "\(heard)")
    }
  }

  @Test(
    "a service whose probe finds somebody else on its port fails at once, and names who it is",
    arguments: ["tcp", "udp"])
  func probe(_ transport: String) async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      try box.addPlugin(
        "deaf",
        """
        schema: 1
        id: deaf
        name: Deaf
        summary: Never gets ready
        category: other
        version: "1"
        programs: { perl: [/usr/bin/perl] }
        ports:
          game: { protocol: \(transport), default: \(port) }
        services:
          main:
            exec: ["{{programs.perl}}", -le, "$| = 1; print qq(still loading); sleep 1 while 1"]
            stop: { grace: 2s }
            ready: { \(transport): game, timeout: 600s }
        """)
      try await box.succeed("install", "deaf", "--port", "\(port)", "--no-start")
      let start = Task { try await box.berth("start", "deaf") }
      // It comes in between the look at the start and the service's own socket.
      for _ in 0..<400 where try await !box.systemctl("show", "-p", "SubState", "deaf@default").contains("start-post") {
        try await Task.sleep(for: .milliseconds(20))
      }
      let attack = try Attack("squat", transport, "127.0.0.1", "\(port)")
      let run = try await start.value
      #expect(run.status == 73 || run.status == 70)
      #expect(try await box.berth("logs", "deaf").output.contains("belongs to attack-doors (process "), "\(run.errors)")
      attack.end()
    }
  }
}
