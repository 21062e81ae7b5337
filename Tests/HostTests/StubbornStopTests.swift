import TestSupport
import Testing

@Suite("A stop with an action before the signal")
struct StubbornStopTests {
  private static func plugin(_ program: String, grace: String) -> String {
    """
    schema: 1
    id: stubborn
    name: Stubborn
    summary: Only for a test
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl] }
    services:
      main:
        exec: ["{{programs.perl}}", -le, "$| = 1; \(program) print q(up); sleep 1 while 1"]
        stop: { first: { exec: ["{{programs.perl}}", -e, "exit 1"], timeout: 5m }, signal: SIGTERM, grace: \(grace) }
    """
  }

  private func secondsOfStop(_ program: String, grace: String) async throws -> Duration {
    try await SandboxFixture.with { box in
      try box.addPlugin("stubborn", Self.plugin(program, grace: grace))
      try await box.succeed("install", "stubborn")
      let start = ContinuousClock.now
      try await box.succeed("stop", "stubborn")
      #expect(try await box.berth("status", "stubborn", "--json").json()["status"].text != "running")
      return ContinuousClock.now - start
    }
  }

  @Test("kills a program that does not heed the signal after the grace, whatever time the action had")
  func kills() async throws {
    let seconds = try await secondsOfStop("$SIG{TERM} = q(IGNORE);", grace: "4s")
    #expect(seconds >= .seconds(4) && seconds < .seconds(30), "\(seconds)")
  }

  @Test("signals all processes of the program, and ends as soon as they have ended")
  func signals() async throws {
    let children =
      "if (my $child = fork) { $SIG{TERM} = sub { waitpid $child, 0; exit 0 } } else { $SIG{TERM} = sub { exit 0 } }"
    let seconds = try await secondsOfStop(children, grace: "1m")
    #expect(seconds < .seconds(30), "\(seconds)")
  }
}
