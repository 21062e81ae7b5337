import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

@Suite("Settings that reach further than the app") struct OutwardSettingTests {
  @Test("are those that name paths and images, or stand in mounts, bounds and downloads")
  func known() {
    #expect(PierPlugin().manifest.outwardSettings == ["image", "downloads", "memory", "limits"])
    #expect(CargoPlugin().manifest.outwardSettings == ["version", "sum", "notes"])
    #expect(VaultPlugin().manifest.outwardSettings == [])
  }

  @Test("are also those that a device, a user of a container, a route or a condition of a mount names")
  func places() {
    var manifest = PierPlugin().manifest
    let names = ["gpu", "uid", "site", "login", "share"]
    manifest.settings += names.map { Setting($0, .string, default: "x") }
    manifest.services[0].container?.devices = [.init("/dev/dri", when: Condition([.init("gpu", ["x"])]))]
    manifest.services[0].container?.user = "{{settings.uid}}"
    manifest.services[0].mounts.append(
      Mount("/share", volume: "share", when: Condition([.init("share", ["x"])])))
    manifest.routes = [Route("web", host: "{{settings.site}}", port: "web", auth: "{{settings.login}}")]
    #expect(manifest.outwardSettings.isSuperset(of: names))
    // What only the app reads is its own affair.
    manifest.services[0].environment.append(.init("NAME", "{{settings.title}}"))
    manifest.services[0].condition = Condition([.init("title", ["x"])])
    #expect(!manifest.outwardSettings.contains("title"))
  }
}
