import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning
@testable import BerthStore

@Suite("A disk that is nearly full")
struct RoomTests {
  private let wish = ChangeWish(settings: ["size": "8", "theme": "dark"])

  @Test("keeps a change, an installation and a fleet from being begun, with what is needed and every file as it was")
  func refused() async throws {
    let host = try TestHost(.system)
    let record = try await host.berth().install(InstallRequest(app: "harbour", name: "One")).record
    let before = try Snapshot(host)
    let operation = try host.registry.journal.newest(1).first?.id
    host.fault.leave(130 << 10)
    host.fault.arm()
    for attempt in 0..<2 {
      let error = await refusal {
        if attempt == 0 {
          _ = try await host.berth().change("config set", [record], wish)[0].result.get()
        } else {
          _ = try await host.berth().install(InstallRequest(app: "harbour", name: "Two"))
        }
      }
      #expect(error?.code == "disk-full" && error?.kind == .failure, "\(error?.description ?? "")")
      #expect(error?.summary.contains("\(130 << 10) bytes free") == true)
      #expect(error?.remedy?.text.hasPrefix("df -h /") == true)
    }
    #expect(host.fault.calls == [])
    #expect(try Snapshot(host).changes(since: before) == [])
    // Nothing was begun, so that there is nothing to recover either.
    #expect(try host.registry.journal.newest(1).first?.id == operation)
    host.fault.leave(4 << 20)
    _ = try await host.berth().change("config set", [record], wish)[0].result.get()
    #expect(try host.files.read("\(host.paths.instance(record.key))/config/main.conf").contains("8"))
  }

  @Test("does not keep what only gives orders or takes away from being done")
  func orders() async throws {
    let host = try TestHost(.system)
    let record = try await host.berth().install(InstallRequest(app: "harbour")).record
    host.fault.leave(0)
    for verb in [Control.stop, .start, .restart] {
      _ = try await host.berth().control(verb, [record])[0].result.get()
    }
    try await host.berth().remove(record.key, keepsData: false)
    #expect(try host.registry.instances().isEmpty)
  }

  @Test("a file that has its former text still is not written to be put back, which would take room")
  func untouched() async throws {
    let host = try TestHost(.system)
    let record = try await host.berth().install(InstallRequest(app: "harbour")).record
    let before = try Snapshot(host)
    let second = "\(host.paths.instance(record.key))/config/side.conf"
    host.fault.arm { _, call in call == "write \(second)" }
    _ = try? await host.berth().change("config set", [record], wish)[0].result.get()
    #expect(host.fault.fired?.call == "write \(second)")
    let written = host.fault.calls.filter { $0.hasPrefix("write ") && $0.hasSuffix(".conf") }
    // Forwards the first and the second, and back the first alone.
    #expect(written.count { $0.hasSuffix("/main.conf") } == 2, "\(written)")
    #expect(written.count { $0.hasSuffix("/side.conf") } == 1, "\(written)")
    #expect(try Snapshot(host).changes(since: before) == [])
  }
}
