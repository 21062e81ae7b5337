import TestSupport
import Testing

@Suite("The first operation of a new sandbox")
struct FirstFailureTests {
  @Test("that fails in the midst of its work leaves nothing but the journal, which says what became of it")
  func failed() async throws {
    try await SandboxFixture.with { box in
      let yaml =
        NapPlugin.first(port: FreePorts.block(10)) + "\njobs: { seed: { at: [install], exec: [/usr/bin/false] } }\n"
      try box.addPlugin("nap", yaml)
      let fleet = try box.write("fleet.yaml", "schema: 1\ninstances:\n  - { app: nap }\n")
      for words in [["install", "nap"], ["apply", "-f", fleet]] {
        let run = try await box.berth(words + ["--json"])
        #expect(run.status == 70, "\(run.errors)")
        #expect(try run.failure()["code"].text == "job-failed")
        #expect(try await box.berth("list", "--json").json().list.isEmpty)
        let now = try await HostSnapshot(box)
        #expect(now.users == [] && now.units == [])
        #expect(box.tree().filter { $0.contains("nap") } == [])
        // What it was, when, and how it ended.
        let operation = try await box.berth("operations", "list", "--json").json()[0]
        #expect(operation["verb"].text == words[0] && operation["status"].text == "undone", "\(operation)")
        #expect(operation["error"].text?.contains("the job 'seed'") == true, "\(operation)")
        #expect(operation["instances"].list.map { $0["outcome"].text } == ["undone"])
        #expect(try await box.berth("operations", "recover").status == 0)
        #expect(try await box.berth("doctor").status == 0)
      }
    }
  }
}
