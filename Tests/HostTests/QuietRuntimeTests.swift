import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("The program's runtime")
struct QuietRuntimeTests {
  /// What it says of itself to a user who may not set the priorities of threads, as in a unit that is nice.
  private static func said(_ place: String, _ program: PublicProgram) async throws -> String {
    let home = FileManager.default.temporaryDirectory.path
    let run = try await SubprocessRunner().run(
      Command(
        "setpriv",
        [
          "--reuid", "65534", "--regid", "65534", "--clear-groups", "nice", "-n", "10", program.path, "app", "list",
          "--json",
        ],
        environment: [
          "LIBDISPATCH_LOG": place, "HOME": home, "XDG_STATE_HOME": "\(home)/berth-test-nowhere",
        ]))
    #expect(run.status == 0, "\(run.errorOutput)")
    return run.errorOutput
  }

  @Test("says nothing of its threads where a unit tells it so, and would do it otherwise")
  func quiet() async throws {
    try await PublicProgram.with { program in
      let told = try await Self.said("NO", program)
      #expect(!told.contains("thread priority"), "\(told)")
      let control = try await Self.said("stderr", program)
      #expect(control.contains("thread priority"))
    }
  }
}
