import Testing
import TestSupport

@Suite("Real servers side by side in a sandbox")
struct SideBySideTests {
  @Test("two Teeworlds and two Luanti run at once, each answers on its own port, and none notices what others do")
  func fourServers() async throws {
    try await SandboxFixture.with { box in
      var ports: [String: Int] = [:]
      for (app, name) in [
        ("teeworlds", "Arena"), ("teeworlds", "Capture"), ("luanti", "Creative"), ("luanti", "Survival"),
      ] {
        let run = try await box.berth("install", app, "--instance-name", name, "--json")
        try #require(run.status == 0, "\(run.errors)")
        let report = try run.json()
        #expect(report["status"].text == "running")
        #expect(report["enabled"] == .boolean(true))
        ports[name] = report["ports"][0]["port"].integer
      }
      #expect(Set(ports.values).count == 4)
      #expect(try ServerClient.teeworlds(port: ports["Arena"] ?? 0).name == "Arena")
      #expect(try ServerClient.teeworlds(port: ports["Capture"] ?? 0).name == "Capture")
      #expect(try ServerClient.luanti(port: ports["Creative"] ?? 0) > 0)
      #expect(try ServerClient.luanti(port: ports["Survival"] ?? 0) > 0)

      let before = try await process(box, "luanti", "Survival")
      let arena = try await process(box, "teeworlds", "Arena")
      #expect(try await box.berth("restart", "teeworlds", "--instance", "Arena").status == 0)
      #expect(try await process(box, "teeworlds", "Arena") != arena)
      #expect(try await box.berth("remove", "luanti", "--instance", "Creative", "--yes").status == 0)

      #expect(try await process(box, "luanti", "Survival") == before)
      #expect(try ServerClient.luanti(port: ports["Survival"] ?? 0) > 0)
      #expect(try ServerClient.teeworlds(port: ports["Arena"] ?? 0).name == "Arena")
      #expect(throws: ServerClient.NoAnswer.self) { try ServerClient.luanti(port: ports["Creative"] ?? 0) }
      let left = try await box.berth("list", "--json").json().list.compactMap { $0["instance_name"].text }
      #expect(left.sorted() == ["Arena", "Capture", "Survival"])
    }
  }

  @Test("Mumble answers on TCP and UDP on one number")
  func mumble() async throws {
    try await SandboxFixture.with { box in
      let report = try await box.berth("install", "mumble", "--set", "users=37", "--json").json()
      let ports = report["ports"].list
      #expect(ports.map { $0["protocol"].text } == ["tcp", "udp"])
      #expect(Set(ports.map { $0["port"].integer }).count == 1)
      #expect(try ServerClient.mumble(port: ports[0]["port"].integer ?? 0) == 37)
    }
  }

  @Test("the Swift plugin's server answers with the values that were chosen, markup included")
  func icecast() async throws {
    try await SandboxFixture.with { box in
      let run = try await box.berth("install", "icecast", "--set", "location=A & <B>", "--json")
      try #require(run.status == 0, "\(run.errors)")
      let port = try run.json()["ports"][0]["port"].integer ?? 0
      // It answers before it has counted what it is.
      var page = ""
      for _ in 0..<50 where !page.contains("<td>Icecast") {
        page = try ServerClient.http(port: port, path: "/server_version.xsl")
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(page.contains("A &amp; &lt;B&gt;"), "\(page)")
      #expect(try run.json()["ports"][1]["port"].integer == port + 1)
    }
  }

  @Test("Armagetron runs with the settings of its template file")
  func armagetron() async throws {
    try await SandboxFixture.with { box in
      let port = FreePorts.block(1)
      let run = try await box.berth("install", "armagetron", "--port", "\(port)", "--json")
      try #require(run.status == 0, "\(run.errors)")
      #expect(try run.json()["ports"][0]["port"].integer == port)
    }
  }

  private func process(_ box: SandboxFixture, _ app: String, _ name: String) async throws -> Int? {
    try await box.berth("status", app, "--instance", name, "--json").json()["services"][0]["main_pid"].integer
  }
}
