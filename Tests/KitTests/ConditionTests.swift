import BerthKit
import Testing

@Suite("What an instance has by its settings") struct ConditionTests {
  private let condition = Condition([.init("web", ["true"]), .init("mode", ["fast", "slow"])])

  @Test("all clauses must hold, each for any of its values")
  func clauses() {
    #expect(condition.holds(["web": .boolean(true), "mode": .text("fast")]))
    #expect(condition.holds(["web": .boolean(true), "mode": .text("slow")]))
    #expect(!condition.holds(["web": .boolean(false), "mode": .text("fast")]))
    #expect(!condition.holds(["web": .boolean(true), "mode": .text("off")]))
  }

  @Test("an unset setting fulfils nothing")
  func unset() {
    #expect(!condition.holds(["web": .boolean(true)]))
    #expect(!condition.holds([:]))
  }

  @Test("values compare by what their settings made of them")
  func types() {
    #expect(Condition([.init("n", ["10"])]).holds(["n": .integer(10)]))
    #expect(Condition([.init("n", ["10.0"])]).holds(["n": .number(10)]))
    #expect(!Condition([.init("n", ["10"])]).holds(["n": .number(10)]))
  }

  @Test("services, jobs, ports and files are there when their conditions and owners are")
  func enabled() {
    var manifest = Sample.manifest
    manifest.config[1].service = "web"
    let off: [String: Value] = ["web": .boolean(false), "mode": .text("slow")]
    #expect(manifest.enabledServices(off).map(\.id) == ["main"])
    #expect(manifest.enabledJobs(off).map(\.id) == ["setup", "tell"])
    #expect(manifest.enabledPorts(off).map(\.role) == ["game", "query"])
    #expect(manifest.enabledConfig(off).map(\.id) == ["sample.conf"])
    let slow: [String: Value] = ["web": .boolean(true), "mode": .text("slow")]
    #expect(manifest.enabledServices(slow).map(\.id) == ["main", "web", "shelf", "check", "berth"])
    #expect(manifest.enabledJobs(slow).map(\.id) == ["setup", "tidy", "tell"])
    #expect(manifest.enabledPorts(slow).map(\.role) == ["game", "query", "site", "shelf"])
    #expect(manifest.enabledConfig(slow).map(\.id) == ["sample.conf", "banner.txt"])
    #expect(manifest.enabledJobs(["web": .boolean(true), "mode": .text("fast")]).map(\.id) == ["setup", "tell"])
  }

  @Test("the settings of an instance can be read from its variables")
  func variables() {
    var variables = Variables()
    variables.set("settings.web", to: .boolean(true))
    variables.set("settings.none", to: nil)
    variables.set("ports.web", to: .integer(1))
    #expect(variables.settings == ["web": .boolean(true)])
  }
}
