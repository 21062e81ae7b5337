import BerthKit
import BerthRender
import Foundation
import Testing

/// systemd itself reads what was rendered.
@Suite("systemd reads the units") struct SystemdVerifyTests {
  /// Puts units and drop-ins where `systemd-analyze` finds them beside each other.
  private func write(_ files: [RenderedFile], below units: String, into folder: URL) throws {
    for file in files {
      let path = folder.appending(path: String(file.path.dropFirst(units.count + 1)))
      try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: path)
    }
  }

  /// Every line that the judge says about the files in the folder.
  private func verify(_ units: [String], in folder: URL, asUser: Bool) throws -> [String] {
    let home = folder.appending(path: "home").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let verdict = try Judge.run(
      ["systemd-analyze", asUser ? "--user" : "--system", "--man=no", "verify"] + units.map { "./\($0)" }, in: folder,
      environment: ["HOME": home, "XDG_RUNTIME_DIR": home])
    let lines = verdict.output.split(separator: "\n").map(String.init)
    if verdict.status != 0 { return ["status \(verdict.status)"] + lines }
    return lines.filter { $0.contains(folder.lastPathComponent) || $0.contains("@") }
  }

  @Test("all units of a plugin are accepted without a word", arguments: Plugins.ids, Stage.allCases)
  func accepted(_ id: String, _ stage: Stage) throws {
    // Programs that may be missing here must not be what the judge complains about.
    let plugin = try Plugins.plugin(id)
    let rendering = try Rendering(plugin, stage, program: "/usr/bin/true")
    let manifest = plugin.manifest
    // Units of containers are made by Podman's generator, which is asked where there is one.
    let podman = Set(manifest.services.filter { $0.engine == .podman }.map(\.id))
    let containers = podman.union(manifest.jobs.filter { podman.contains($0.service) }.map(\.id))
    let units =
      manifest.unitParts.filter { !containers.contains($0) }.map { UnitName.service(id, $0, FixedInstance.id) }
      + manifest.timerParts.filter { $0 != BackupSet.scheduledJob || manifest.backupPolicy.calendar != nil }
      .map { UnitName.timer(id, $0, FixedInstance.id) }
      + [UnitName.target(id, FixedInstance.id)]
    let complaints = try Judge.withFolder { folder in
      try write(
        (rendering.templates + rendering.dropIns).map { file in
          RenderedFile(
            path: file.path,
            text: file.text.replacing("/usr/bin/docker", with: "/usr/bin/true")
              .replacing(/(?m)^(Exec\w+=)"[^"]*\/%i\/app\/[^"]*"/) { "\($0.output.1)/usr/bin/true" })
        }, below: stage.paths.units, into: folder)
      try Data("[Service]\nExecStart=/usr/bin/true\n".utf8).write(to: folder.appending(path: "docker.service"))
      return try verify(units, in: folder, asUser: stage != .system)
    }
    #expect(complaints == [])
  }

  @Test("a folder with spaces and percent signs in its name is no problem")
  func spaces() throws {
    var manifest = sampleManifest(ports: [PortRole("game", [.udp], default: 1)])
    manifest.services[0].ready = [ReadyProbe(.udp, "game")]
    manifest.services[0].workdir = "{{paths.data}}/a b"
    manifest.services[0].mounts = [Mount("/srv/a b", volume: "v"), Mount("/srv/c", from: "/srv/d e", readOnly: true)]
    manifest.backup = [BackupSet("v", .volume("v", isHot: true))]
    let paths = ScopePaths.sandbox(root: "/srv/my berth 100%i #1; x", runtime: "/tmp/x")
    let context = Stage.sandbox.context(manifest, program: "/usr/bin/true", paths: paths)
    let files = try UnitRenderer(manifest: manifest, context: context).templates()
    let complaints = try Judge.withFolder { folder in
      try write(files, below: paths.units, into: folder)
      return try verify(["sample@default.service"], in: folder, asUser: true)
    }
    #expect(complaints == [])
  }

  @Test("hostile arguments are accepted as they are quoted")
  func hostileArguments() throws {
    let manifest = sampleManifest(exec: ["{{programs.server}}"] + HostileText.all.map(Template.init(literal:)))
    let files = try UnitRenderer(manifest: manifest, context: Stage.system.context(manifest, program: "/usr/bin/true"))
      .templates()
    let complaints = try Judge.withFolder { folder in
      try write(files, below: Stage.system.paths.units, into: folder)
      return try verify(["sample@default.service"], in: folder, asUser: false)
    }
    #expect(complaints == [])
  }

  @Test("the judge does complain about what is wrong", arguments: [false, true])
  func complains(_ asUser: Bool) throws {
    let unit = "[Service]\nExecStart=\"/usr/bin/true\nProtectSystem=perhaps\n"
    let complaints = try Judge.withFolder { folder in
      try Data(unit.utf8).write(to: folder.appending(path: "sample@.service"))
      return try verify(["sample@default.service"], in: folder, asUser: asUser)
    }
    #expect(complaints.contains { $0.contains("sample@") })
  }

  @Test("the exposure of every service and job in the system scope is at most 1.5", arguments: Plugins.ids)
  func exposure(_ id: String) throws {
    let plugin = try Plugins.plugin(id)
    let rendering = try Rendering(plugin, .system, program: "/usr/bin/true")
    // A container is shut in by its engine.
    let programs = plugin.manifest.services.filter { $0.container == nil }.map(\.id)
    for part in programs + plugin.manifest.jobs.filter({ programs.contains($0.service) }).map(\.id) {
      let unit = UnitName.service(id, part, FixedInstance.id)
      let verdict = try Judge.withFolder { folder in
        try write(rendering.templates + rendering.dropIns, below: Stage.system.paths.units, into: folder)
        return try Judge.run(
          ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", "./\(unit)"], in: folder)
      }
      let last = verdict.output.split(separator: "\n").last { $0.contains("exposure level") }
      #expect(verdict.status == 0, "\(last ?? "")")
      #expect(last?.contains(unit) == true, "\(verdict.output.suffix(400))")
      // The drop-in's user was seen, so the drop-in was read.
      #expect(verdict.output.split(separator: "\n").contains { $0.contains("✓ User=/DynamicUser=") })
    }
  }
}
