import BerthHost
import BerthKit
import Foundation
import TestSupport
import Testing

extension BootedHostTests {
  /// Apps that each have a user of their own, and one tree.
  @Suite("a tree that apps share")
  struct SharedTreeHostTests {
    init() throws { try BootedHost.require() }

    private static let tree = "/srv/shared-tree"
    private static let image = "localhost/berth-test/shelf:1"

    private func put(_ id: String, _ service: String, job: String, extra: String = "", in plugins: String) throws {
      let folder = "\(plugins)/\(id)"
      try FileManager.default.createDirectory(atPath: "\(folder)/files", withIntermediateDirectories: true)
      try """
      schema: 1
      id: \(id)
      name: \(id)
      summary: Only for a test
      category: media
      version: "1"
      shared-group: "{{settings.group}}"
      programs: { perl: [/usr/bin/perl] }
      settings:
        root: { type: path }
        group: { type: string, optional: true }
      services:
        main:
          \(service)
          mounts: { /data: "{{settings.root}}" }
          stop: { grace: 2s }
      jobs:
        act: { at: [install, update], exec: ["\(id == "hand" ? "{{programs.perl}}" : "/usr/bin/perl")", -e, "\(job)"] }

      """.write(toFile: "\(folder)/plugin.yaml", atomically: true, encoding: .utf8)
      if !extra.isEmpty { try extra.write(toFile: "\(folder)/files/compose.yaml", atomically: true, encoding: .utf8) }
    }

    private func facts(_ name: String) throws -> (group: Int, mode: Int) {
      let facts = try FileManager.default.attributesOfItem(atPath: "\(Self.tree)/\(name)")
      return (
        try #require(facts[.groupOwnerAccountID] as? Int), try #require(facts[.posixPermissions] as? Int)
      )
    }

    @Test(
      "each links, writes and removes what others of other apps have made; a tree that is not theirs is named before")
    func sharing() async throws {
      try await BootedHost.run("load-image", "podman", "web-1", Self.image)
      try await BootedHost.run("groupadd", "--gid", "1500", "shelves")
      try await BootedHost.run("install", "--directory", Self.tree)
      try await BootedHost.withPlugins { plugins in
        let root = Person.root.with(plugins: plugins)
        func made(_ name: String) -> String { "open(F, q(>/data/\(name))) or die; close F;" }
        try put(
          "hand", "exec: [\"{{programs.perl}}\", -e, \"sleep 1 while 1\"]",
          job: "mkdir q(/data/season); \(made("season/hand")) ", in: plugins)
        try put(
          "box", "container: { image: \(Self.image), user: \"{{instance.uid}}:{{instance.gid}}\" }",
          job:
            "link(q(/data/season/hand), q(/data/linked)) or die; unlink(q(/data/season/hand)) or die; \(made("season/box"))",
          in: plugins)
        // Nothing of it is anybody's but root's so far.
        let plan = try await root.berth("install", "hand", "--set", "root=\(Self.tree)", "--dry-run")
        #expect(
          plan.status == 0 && plan.errors.contains("\(Self.tree) belongs to root:root (755)"), "\(plan.errors)")
        let closed = try await root.berth("install", "hand", "--set", "root=\(Self.tree)")
        #expect(
          closed.status == 70 && closed.errors.contains("\(Self.tree) belongs to root:root (755)"), "\(closed.errors)")
        let unknown = try await root.berth("install", "hand", "--set", "root=\(Self.tree)", "--set", "group=nobodys")
        #expect(unknown.status == 65 && unknown.errors.contains("groupadd nobodys"), "\(unknown.errors)")
        try await BootedHost.run("chgrp", "shelves", Self.tree)
        try await BootedHost.run("chmod", "2775", Self.tree)
        let words = ["--set", "root=\(Self.tree)", "--set", "group=shelves"]
        for app in ["hand", "box"] {
          let run = try await root.berth(["install", app] + words)
          #expect(run.status == 0, "\(run.errors)")
        }
        #expect(try facts("season").group == 1500 && facts("season").mode == 0o2775)
        #expect(try facts("linked").group == 1500 && facts("linked").mode == 0o664)
        #expect(try facts("season/box").mode == 0o664)
        // What runs is in the group as its job was.
        let pid = try await BootedHost.output("podman", "inspect", "--format", "{{.State.Pid}}", "box_default")
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        #expect(status.contains("Umask:\t0002") && status.contains("Groups:\t1500"), "\(status)")
        // And the other way round.
        try put(
          "hand", "exec: [\"{{programs.perl}}\", -e, \"sleep 1 while 1\"]",
          job:
            "link(q(/data/season/box), q(/data/back)) or die; unlink(q(/data/season/box), q(/data/linked)) == 2 or die;",
          in: plugins)
        let yaml = "\(plugins)/hand/plugin.yaml"
        let text = try String(contentsOfFile: yaml, encoding: .utf8)
        try text.replacing("version: \"1\"", with: "version: \"2\"").write(
          toFile: yaml, atomically: true, encoding: .utf8)
        let update = try await root.berth("update", "hand")
        #expect(update.status == 0, "\(update.errors)")
        #expect(try facts("back").group == 1500)
        #expect(!FileManager.default.fileExists(atPath: "\(Self.tree)/season/box"))
        let well = try await root.berth("doctor")
        #expect(well.status == 0, "\(well.output)")
        // Who is not in it any more is told.
        #expect(try await root.berth("config", "set", "hand", "--unset", "group").status == 0)
        let doctor = try await root.berth("doctor")
        #expect(
          doctor.status == 1 && doctor.output.contains("group=shelves"),
          "\(doctor.status) \(doctor.output) \(doctor.errors)")
        #expect(try await root.berth("remove", "hand", "--all", "--yes").status == 0)
        try await docker(root, plugins, words)
        // Another group gets the number of the one that is gone, and the container is in it.
        try await BootedHost.run("groupdel", "shelves")
        try await BootedHost.run("groupadd", "--gid", "1500", "others")
        for words in [["doctor"], ["update", "box"]] {
          let run = try await root.berth(words)
          #expect(
            run.status != 0
              && (run.output + run.errors).contains("the containers of box/default keep its number"),
            "\(words): \(run.output) \(run.errors)")
        }
        try await BootedHost.run("groupdel", "others")
        try await BootedHost.run("groupadd", "--gid", "1500", "shelves")
        #expect(try await root.berth("remove", "box", "--all", "--yes").status == 0)
      }
      #expect(try await Containers.left() == [])
      try FileManager.default.removeItem(atPath: Self.tree)
      try await BootedHost.run("groupdel", "shelves")
    }

    private func docker(_ root: Person, _ plugins: String, _ words: [String]) async throws {
      try await Hospitals.withDocker {
        try await Hospitals.load("web-1", as: Self.image)
        try put(
          "crane", "compose: compose.yaml",
          job: "link(q(/data/back), q(/data/lifted)) or die; unlink(q(/data/back)) or die;",
          extra: "services: { main: { image: \(Self.image), user: \"${CRANE_UID}:${CRANE_GID}\" } }\n", in: plugins)
        let yaml = "\(plugins)/crane/plugin.yaml"
        let text = try String(contentsOfFile: yaml, encoding: .utf8)
        try text.replacing(
          "compose: compose.yaml",
          with: "compose: compose.yaml\n    env: { CRANE_UID: \"{{instance.uid}}\", CRANE_GID: \"{{instance.gid}}\" }"
        ).write(toFile: yaml, atomically: true, encoding: .utf8)
        let run = try await root.berth(["install", "crane"] + words)
        #expect(run.status == 0, "\(run.errors)")
        #expect(FileManager.default.fileExists(atPath: "\(Self.tree)/lifted"))
        #expect(try await root.berth("remove", "crane", "--all", "--yes").status == 0)
      }
    }
  }
}
