import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

/// What units mount of an instance's own, in a sandbox of root's.
@Suite("What units pin of an instance's folders")
struct PinTests {
  /// Its job runs beside it, and notes whether it sees what is the instance's own, or what is root's.
  static let plugin = """
    schema: 1
    id: pinned
    name: Pinned
    summary: Sees its folder elsewhere
    category: other
    version: "1"
    programs: { perl: [/usr/bin/perl], sleep: [/usr/bin/sleep] }
    services:
      main:
        exec: ["{{programs.sleep}}", infinity]
        mounts: { /srv: "{{paths.data}}/saved" }
        stop: { signal: SIGTERM, grace: 5s }
    jobs:
      look:
        at: [update]
        exec: ["{{programs.perl}}", -e, "open my $f, q(>>), $ARGV[0] . (-e q(/srv/treasure) ? q(lost) : q(seen)) or die; print $f 1", "{{paths.data}}/"]
    backup:
      saved: { files: ["{{paths.data}}/saved"] }
    """

  private struct Instance {
    let fixture: SandboxFixture
    var home: String { "\(fixture.root)/state/instances/pinned/default" }
    var saved: String { "\(home)/data/saved" }

    /// The words that make a program run as the instance's user.
    func user() throws -> [String] {
      var info = stat()
      try #require(stat("\(home)/data", &info) == 0 && info.st_uid != 0)
      return ["--reuid=\(info.st_uid)", "--regid=\(info.st_gid)", "--clear-groups", "--"]
    }

    func attack(_ words: String...) async throws {
      try await SubprocessRunner().succeed(Command("setpriv", try user() + words))
    }

    /// How often the job saw what.
    func count(_ name: String) -> Int {
      FileManager.default.contents(atPath: "\(home)/data/\(name)")?.count ?? 0
    }

    /// Every mount of the sandbox's manager where units pin.
    func mounts() throws -> [Substring] {
      SandboxFixture.text("/proc/\(try fixture.manager())/mountinfo").split(separator: "\n").filter {
        $0.split(separator: " ")[4].contains("/mounts/pinned@")
      }
    }

    /// Starts the job many times while a program of the instance's exchanges a file or folder for a link beside it.
    func race(_ name: String = "saved", in folder: String = "data", most: Int) async throws {
      let attacker = Process()
      attacker.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
      let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Attacks/swap.py")
      // Where the checkout lies, another user may not get.
      let copy = try fixture.write("swap.py", String(contentsOf: script, encoding: .utf8))
      attacker.arguments = try user() + ["python3", copy, "\(home)/\(folder)", name, "link", "600"]
      // Root's own Python may lie where nobody else gets.
      attacker.environment = ["PATH": "/usr/bin:/bin"]
      let (input, output) = (Pipe(), Pipe())
      (attacker.standardInput, attacker.standardOutput) = (input, output)
      try attacker.run()
      defer {
        try? input.fileHandleForWriting.close()
        attacker.waitUntilExit()
      }
      #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready"))
      let unit = "pinned-look@default.service"
      for _ in 0..<most where count("lost") == 0 {
        _ = try await fixture.systemctl("reset-failed", unit)
        _ = try await fixture.systemctl("start", unit)
      }
    }
  }

  private static func with(
    _ plugin: String = plugin, _ body: (Instance) async throws -> Void
  ) async throws {
    try await SandboxFixture.with { fixture in
      try fixture.addPlugin("pinned", plugin)
      try await fixture.succeed("install", "pinned")
      try await body(Instance(fixture: fixture))
    }
  }

  @Test("a folder that is exchanged for a link in every moment is mounted or refused, and a look before loses")
  func races() async throws {
    try await Self.with { instance in
      let host = "\(instance.fixture.plugins)/of-root"
      try FileManager.default.createDirectory(atPath: host, withIntermediateDirectories: true)
      try "x".write(toFile: "\(host)/treasure", atomically: true, encoding: .utf8)
      try await instance.attack("ln", "-s", host, "\(instance.home)/data/link")
      try await instance.race(most: 60)
      #expect(instance.count("lost") == 0 && instance.count("seen") > 0)
      #expect(try instance.mounts().count == 1, "the service's own")
      // As it was: a look, and the path.
      let folder = "\(instance.fixture.root)/config/systemd/user/pinned-look@default.service.d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let own = ["config", "data", "cache"].map { "\(instance.home)/\($0)" }.joined(separator: " ")
      let berth = BerthProgram.path
      try """
      [Service]
      ExecStartPre=
      ExecStartPre=+\(berth) mount-sources own:0:\(instance.saved)
      BindPaths=
      BindPaths=\(own) \(instance.saved):/srv
      """.write(toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await instance.fixture.systemctl("daemon-reload")
      try await instance.race(most: 1500)
      #expect(instance.count("lost") == 1, "\(instance.count("seen"))")
      try FileManager.default.removeItem(atPath: "\(folder)/control.conf")
      _ = try await instance.fixture.systemctl("daemon-reload")
    }
  }

  /// Its job notes whether the config file that it sees elsewhere is its own.
  private static let configured =
    plugin
    .replacing("/srv: \"{{paths.data}}/saved\"", with: "/tmp/x.conf: { from: \"{{paths.config}}/x.conf\", mode: ro }")
    .replacing(
      "open my $f, q(>>), $ARGV[0] . (-e q(/srv/treasure) ? q(lost) : q(seen)) or die; print $f 1",
      with: "open my $c, q(<), q(/tmp/x.conf) or die; my $t = join q(), <$c>; open my $f, q(>>), $ARGV[0] . "
        + "($t =~ /treasure/ ? q(lost) : $t =~ /later/ ? q(later) : q(seen)) or die; print $f 1")
    + "\nconfig:\n  x.conf: { format: words, values: { name: own } }\n"

  @Test("a config file that is exchanged for a link in every moment is shown as a copy, and a look before loses")
  func configRaces() async throws {
    try await Self.with(Self.configured) { instance in
      let host = "\(instance.fixture.plugins)/of-root"
      try "treasure".write(toFile: host, atomically: true, encoding: .utf8)
      chmod(host, 0o644)
      let file = "\(instance.home)/config/x.conf"
      try await instance.attack("ln", "-s", host, "\(instance.home)/config/link")
      try await instance.race("x.conf", in: "config", most: 20)
      #expect(instance.count("lost") == 0 && instance.count("seen") > 0)
      #expect(try instance.mounts() == [], "copies are no mounts")
      let folder = "\(instance.fixture.root)/config/systemd/user/pinned-look@default.service.d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // As it was: a look, and the path. Of two mounts of one place the manager drops one, and both keys have one list.
      let own = ["config", "data", "cache"].map { "\(instance.home)/\($0)" }.joined(separator: " ")
      try """
      [Service]
      ExecStartPre=
      ExecStartPre=+\(BerthProgram.path) mount-sources own:0:\(file)
      BindReadOnlyPaths=
      BindPaths=\(own)
      BindReadOnlyPaths=\(file):/tmp/x.conf
      """.write(toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await instance.fixture.systemctl("daemon-reload")
      try await instance.race("x.conf", in: "config", most: 1500)
      #expect(instance.count("lost") == 1, "\(instance.count("seen"))")
    }
  }

  @Test("a config file that was replaced keeps no service from stopping, and is seen from the next start on")
  func configReplaced() async throws {
    try await Self.with(Self.configured) { instance in
      try await instance.attack("sh", "-c", "cd \(instance.home)/config && echo later > new && mv new x.conf")
      try await instance.fixture.succeed("stop", "pinned")
      let unit = "pinned-look@default.service"
      _ = try await instance.fixture.systemctl("start", unit)
      #expect(instance.count("later") == 1)
      try await instance.fixture.succeed("start", "pinned")
      try await instance.fixture.succeed("remove", "pinned", "--yes")
    }
  }

  @Test(
    "a folder that a setting names by another way is the instance's, too, and by its path it is what the instance wants"
  )
  func otherWay() async throws {
    let chosen =
      Self.plugin.replacing("\"{{paths.data}}/saved\" }", with: "\"{{settings.media}}\" }")
      + "\nsettings:\n  media: { type: path, default: \"{{paths.data}}/saved\", help: Where it lies }\n"
    try await SandboxFixture.with { fixture in
      let (home, host) = ("\(fixture.plugins)/home", "\(fixture.plugins)/of-root")
      try FileManager.default.createDirectory(atPath: host, withIntermediateDirectories: true)
      try "x".write(toFile: "\(host)/treasure", atomically: true, encoding: .utf8)
      try fixture.addPlugin("pinned", chosen)
      try await fixture.succeed("install", "pinned", "--dir", home)
      let instance = Instance(fixture: fixture)
      try await instance.attack("ln", "-s", host, "\(home)/data/way")
      // Where an operator has chosen a link of the operator's, that one is followed.
      #expect(symlink(host, "\(fixture.plugins)/library") == 0)
      try await fixture.succeed("config", "set", "pinned", "media=\(fixture.plugins)/library")
      let unit = "pinned-look@default.service"
      _ = try await fixture.systemctl("start", unit)
      #expect(instance.count("lost") == 1)
      #expect(symlink("\(home)/data", "\(fixture.plugins)/round") == 0)
      let own = ["config", "data", "cache"].map { "\(instance.home)/\($0)" }.joined(separator: " ")
      try await fixture.succeed("stop", "pinned")
      for way in ["\(home)/data/way", "/proc/thread-self/root\(home)/data/way", "\(fixture.plugins)/round/way"] {
        try await fixture.succeed("config", "set", "pinned", "media=\(way)")
        let refused = try await fixture.berth("start", "pinned")
        #expect(refused.status != 0 && refused.errors.contains("is a link"), "\(way): \(refused.errors)")
        try await fixture.succeed("stop", "pinned")
        let before = instance.count("lost")
        _ = try await fixture.systemctl("reset-failed", unit)
        _ = try await fixture.systemctl("start", unit)
        #expect(instance.count("lost") == before, "\(way)")
        // As it was: the path, without a pin.
        let folder = "\(fixture.root)/config/systemd/user/\(unit).d"
        try """
        [Service]
        ExecStartPre=
        BindPaths=
        BindPaths=\(own) \(way):/srv
        """.write(toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
        _ = try await fixture.systemctl("daemon-reload")
        _ = try await fixture.systemctl("start", unit)
        #expect(instance.count("lost") == before + 1, "\(way)")
        try FileManager.default.removeItem(atPath: "\(folder)/control.conf")
        _ = try await fixture.systemctl("daemon-reload")
      }
    }
  }

  @Test("it is there while the service runs, carries no bits and devices, and goes with a stop, a kill and a removal")
  func life() async throws {
    try await Self.with { instance in
      let mount = try #require(try instance.mounts().first).split(separator: " ")
      #expect(Set(mount[5].split(separator: ",")).isSuperset(of: ["nosuid", "nodev"]), "\(mount)")
      #expect(mount[4].hasSuffix("/mounts/pinned@default/main/0"))
      // Nobody but root gets there.
      let top = String(mount[4].dropLast("/pinned@default/main/0".count))
      var info = stat()
      #expect(stat(top, &info) == 0 && info.st_mode & 0o777 == 0o700 && info.st_uid == 0)
      try await instance.fixture.succeed("stop", "pinned")
      #expect(try instance.mounts() == [] && FileManager.default.contentsOfDirectory(atPath: top) == [])
      try await instance.fixture.succeed("start", "pinned")
      // It would start again by itself, and then only a moment shows that the mount is gone.
      let unit = "pinned@default.service"
      let folder = "\(instance.fixture.root)/config/systemd/user/\(unit).d"
      try "[Service]\nRestart=no\n".write(toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await instance.fixture.systemctl("daemon-reload")
      _ = try await instance.fixture.systemctl("kill", "--signal=KILL", unit)
      for _ in 0..<300 where try !instance.mounts().isEmpty { try await Task.sleep(for: .milliseconds(100)) }
      #expect(try instance.mounts() == [])
      try FileManager.default.removeItem(atPath: "\(folder)/control.conf")
      _ = try await instance.fixture.systemctl("daemon-reload")
      try await instance.fixture.succeed("start", "pinned")
      #expect(try instance.mounts().count == 1)
      func process() async throws -> String {
        try await instance.fixture.systemctl("show", "--property=MainPID", "--value", unit)
      }
      let former = try await process()
      _ = try await instance.fixture.systemctl("kill", "--signal=KILL", unit)
      for _ in 0..<300 where try await [former, "0\n"].contains(process()) {
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(try await process() != former)
      #expect(try instance.mounts().count == 1)
      try await instance.fixture.succeed("remove", "pinned", "--yes")
      #expect(try instance.mounts() == [] && FileManager.default.contentsOfDirectory(atPath: top) == [])
    }
  }

  @Test("what a unit could not take away is replaced at the next start, and goes with the instance")
  func stale() async throws {
    try await Self.with { instance in
      let unit = "pinned@default.service"
      let folder = "\(instance.fixture.root)/config/systemd/user/\(unit).d"
      try "[Service]\nExecStopPost=\n".write(
        toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await instance.fixture.systemctl("daemon-reload")
      let top = try #require(try instance.mounts().first).split(separator: " ")[4].dropLast(
        "/pinned@default/main/0".count)
      func stop() async throws {
        _ = try await instance.fixture.systemctl("stop", unit)
        #expect(try instance.mounts().count == 1)
      }
      try await stop()
      // Such as a restore puts another folder there.
      try await instance.attack("mv", instance.saved, "\(instance.saved)-former")
      try await instance.attack("mkdir", instance.saved)
      try await instance.attack("touch", "\(instance.saved)/later")
      try await instance.fixture.succeed("start", "pinned")
      #expect(try instance.mounts().count == 1)
      let place = "/proc/\(try instance.fixture.manager())/root\(top)/pinned@default/main/0"
      #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["later"])
      try await stop()
      try await instance.fixture.succeed("remove", "pinned", "--yes")
      #expect(try instance.mounts() == [] && FileManager.default.contentsOfDirectory(atPath: String(top)) == [])
    }
  }

  @Test("the sandbox of a manager that was killed takes its mounts away, and nothing that lies behind them")
  func killed() async throws {
    try await Self.with { instance in
      try await instance.attack("touch", "\(instance.saved)/world")
      kill(try instance.fixture.manager(), SIGKILL)
      try await instance.fixture.succeed("host", "down")
      #expect(try FileManager.default.contentsOfDirectory(atPath: instance.saved) == ["world"])
    }
  }

  @Test("libraries of the instance's are loaded by its program, and by no command that has root's rights")
  func libraries() async throws {
    let plugin = Self.plugin.replacing(
      "    mounts:", with: "    env: { LD_LIBRARY_PATH: \"{{paths.data}}/lib\" }\n    mounts:")
    try await Self.with(plugin) { instance in
      let lib = "\(instance.home)/data/lib"
      try await instance.attack("mkdir", lib)
      // Every program of Swift's wants this one, and sleep(1) does not.
      try await instance.attack("cp", "/usr/bin/true", "\(lib)/libgcc_s.so.1")
      try await instance.attack("truncate", "--size=100", "\(lib)/libgcc_s.so.1")
      try await instance.fixture.succeed("restart", "pinned")
      #expect(try instance.mounts().count == 1)
      let unit = "pinned@default.service"
      let shown = try await instance.fixture.systemctl("show", "--property=MainPID", "--value", unit)
      let process = shown.trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(SandboxFixture.text("/proc/\(process)/environ").split(separator: "\0").contains("LD_LIBRARY_PATH=\(lib)"))
      // The control: in the unit's own environment it is root's command that loads it.
      let folder = "\(instance.fixture.root)/config/systemd/user/\(unit).d"
      try "[Service]\nEnvironment=LD_LIBRARY_PATH=\(lib)\nRestart=no\n".write(
        toFile: "\(folder)/control.conf", atomically: true, encoding: .utf8)
      _ = try await instance.fixture.systemctl("daemon-reload")
      let refused = try await instance.fixture.berth("restart", "pinned")
      #expect(refused.status != 0 && refused.errors.contains("libgcc_s.so.1"), "\(refused.errors)")
    }
  }
}
