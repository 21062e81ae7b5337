import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

@Suite("Completion in bash")
struct CompletionTests {
  /// What bash offers for the last of some words.
  private static func offers(_ words: [String]) async throws -> [Substring] {
    let script = try await BerthProgram.run(["--generate-completion-script", "bash"])
    try #require(script.status == 0)
    let ask = #"""
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
      _berth berth "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2> /dev/null; printf '%s\n' "${COMPREPLY[@]}"
      """#
    let result = try await SubprocessRunner().run(Command("bash", ["-c", "\(script.output)\n\(ask)", "bash"] + words))
    return result.output.split(separator: "\n")
  }

  @Test(
    "has commands and options, also behind global options",
    arguments: [
      (["berth", "--ro"], "--root"), (["berth", "li"], "list"), (["berth", "--root", "/srv/box", "li"], "list"),
      (["berth", "--root", "/srv/box", "--json", "backups", "ve"], "verify"), (["berth", "install", "--na"], "--name"),
      (["berth", "--root", "/us"], "/usr"), (["berth", "apply", "-f", "/etc/host"], "/etc/hosts"),
    ])
  func offered(_ words: [String], _ offer: String) async throws {
    let offers = try await Self.offers(words)
    #expect(offers.contains { $0 == offer || $0 == "\(offer)/" }, "\(offers)")
  }
}
