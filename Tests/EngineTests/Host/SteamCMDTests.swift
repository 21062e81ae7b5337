import BerthHost
import BerthKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// A program that stands in for SteamCMD, which needs Steam's own network: it writes down what it was given, and what
/// SteamCMD would write of an app.
@Suite("SteamCMD")
struct SteamCMDTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private var program: String { "\(folder.path)/steamcmd" }

  /// - Parameters:
  ///   - lines: what the stand-in does, with the app's folder as `$2`.
  ///   - patience: as the real one has, or a shorter one.
  private func steam(_ lines: String, patience: Duration = .seconds(300)) throws -> SteamCMD {
    try "#!/bin/sh\necho \"$HOME $@\" >> '\(folder.path)/calls'\n\(lines)\n".write(
      toFile: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    return SteamCMD(
      runner: SubprocessRunner(), files: LinuxFileTree(), places: ["/nonexistent/steamcmd", program],
      patience: patience)
  }

  private func record(_ flags: Int, build: String = "77") -> String {
    #"mkdir -p "$2/steamapps"; printf '"AppState"\n{\n\t"StateFlags"\t\t"\#(flags)"\n\t"buildid"\t\t"\#(build)"\n}\n'"#
      + #" > "$2/steamapps/appmanifest_42.acf""#
  }

  private var calls: [String] {
    get throws {
      try String(contentsOfFile: "\(folder.path)/calls", encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }

  @Test("is told a folder, an app and a branch, and has a home of its own")
  func fetches() async throws {
    let steam = try steam(record(4))
    let target = "\(folder.path)/app"
    #expect(try await steam.fetch(42, branch: "beta", into: target, home: "\(folder.path)/home") == 77)
    #expect(
      try calls == [
        "\(folder.path)/home +force_install_dir \(target) +login anonymous +app_update 42 -beta beta validate +quit"
      ])
  }

  @Test("is asked twice, and what it leaves half done is an error with its last words")
  func fails() async throws {
    let steam = try steam("\(record(1026))\necho \"ERROR! Failed to install app '42' (No subscription)\"\nexit 0")
    let error = await refusal {
      try await steam.fetch(42, branch: nil, into: "\(folder.path)/app", home: folder.path)
    }
    #expect(error?.code == "steam-failed" && error?.kind.exitStatus == 69)
    #expect(error?.cause == "ERROR! Failed to install app '42' (No subscription)")
    #expect(try calls.count == 2)
  }

  @Test(
    "brings a folder whose record says no build that can be", arguments: ["", "x", "-1", "1e3", "99999999999999999999"])
  func noBuild(_ build: String) async throws {
    let steam = try steam(record(4, build: build))
    let error = await refusal {
      try await steam.fetch(42, branch: nil, into: "\(folder.path)/app", home: folder.path)
    }
    #expect(error?.code == "steam-failed")
  }

  @Test("is asked for the builds of an app, and once more while it prints nothing of it")
  func asks() async throws {
    let answer = "\(folder.path)/answer"
    try Self.answer.write(toFile: answer, atomically: true, encoding: .utf8)
    let steam = try steam(
      """
      echo 'Loading Steam API...OK'
      case $(wc -l < '\(folder.path)/calls') in
        1) ;;
        2) printf 'AppID : 42, change number : 0/0\\n"42"\\n{\\n}\\n' ;;
        *) cat '\(answer)' ;;
      esac
      """)
    #expect(try await steam.builds(of: 42, home: "\(folder.path)/home") == ["public": 700, "beta": 801])
    #expect(
      try calls
        == Array(
          repeating: "\(folder.path)/home +login anonymous +app_info_update 1 +app_info_print 42 +quit", count: 3))
  }

  @Test("that never says which builds there are is an error with its last words")
  func silent() async throws {
    let steam = try steam("echo 'No app info for AppID 42 found, requesting...'")
    let error = await refusal { try await steam.builds(of: 42, home: folder.path) }
    #expect(error?.code == "steam-silent" && error?.kind.exitStatus == 69)
    #expect(error?.summary == "SteamCMD did not say which builds Steam has of the app 42")
    #expect(error?.cause == "No app info for AppID 42 found, requesting...")
    #expect(try calls.count == 4)
  }

  @Test("is not waited for without an end")
  func slow() async throws {
    let steam = try steam("exec sleep 60", patience: .milliseconds(200))
    let error = await refusal { try await steam.builds(of: 42, home: folder.path) }
    #expect(error?.code == "steam-silent" && error?.kind.exitStatus == 69)
  }

  /// As SteamCMD prints it, shortened.
  static let answer = """
    Connecting anonymously to Steam Public...OK
    Waiting for user info...OK
    AppID : 42, change number : 21/0, last change : Sat Oct 23 14:45:31 2021
    "42"
    {
    \t"common"
    \t{
    \t\t"name"\t\t"A \\"Barge\\" {"
    \t}
    \t"depots"
    \t{
    \t\t"4200"
    \t\t{
    \t\t\t"manifests"
    \t\t\t{
    \t\t\t\t"public"
    \t\t\t\t{
    \t\t\t\t\t"gid"\t\t"5"
    \t\t\t\t}
    \t\t\t}
    \t\t}
    \t\t"branches"
    \t\t{
    \t\t\t"public"
    \t\t\t{
    \t\t\t\t"buildid"\t\t"700"
    \t\t\t\t"timeupdated"\t\t"1633438866"
    \t\t\t}
    \t\t\t"beta"
    \t\t\t{
    \t\t\t\t"BuildID"\t\t"801"
    \t\t\t\t"pwdrequired"\t\t"1"
    \t\t\t}
    \t\t\t"+quit"
    \t\t\t{
    \t\t\t\t"buildid"\t\t"9"
    \t\t\t}
    \t\t\t"broken"
    \t\t\t{
    \t\t\t\t"buildid"\t\t"-5"
    \t\t\t}
    \t\t}
    \t}
    }
    Unloading Steam API...OK
    """

  @Test("says plainly that it is missing, and how it is had")
  func missing() async throws {
    let steam = SteamCMD(runner: SubprocessRunner(), files: LinuxFileTree(), places: [program])
    let error = await refusal { try steam.require() }
    #expect(error?.code == "no-steamcmd" && error?.kind.exitStatus == 69)
    #expect(error?.summary.contains("non-free") == true)
    #expect(error?.remedy == "dpkg --add-architecture i386 && apt-get update && apt-get install steamcmd")
  }
}
