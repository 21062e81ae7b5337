import BerthKit
import Foundation
import Testing

@testable import BerthRender

/// The lines that shut a container in; that each refuses what it is for is tried on a host that has the engines.
@Suite("Hardening of containers") struct ContainerHardeningTests {
  private static let profile = "/var/lib/berth/instances/sample/default/container.seccomp.json"

  private func manifest(_ engine: Container.Engine, _ change: (inout Service) -> Void = { _ in }) throws -> Manifest {
    var manifest = sampleManifest(settings: [], ports: [])
    let file = engine == .docker ? "compose.yaml" : nil
    var service = Service("main", .container(Container(image: "registry.example/web:1", composeFile: file)))
    change(&service)
    manifest.services = [service]
    if engine == .docker {
      manifest.compose = ComposeFile(
        name: "compose.yaml", text: "services: {}\n",
        services: [.init("main", image: "registry.example/web:1", places: ["/tmp"])])
    }
    manifest.jobs = [Job("tidy", at: [.install], service: "main", action: Action(exec: ["tidy"], timeout: 5))]
    try ManifestValidator(manifest).validate()
    return manifest
  }

  private func values(_ manifest: Manifest) throws -> (InstanceValues, RenderContext, Variables) {
    let values = try instance(manifest, settings: [:], ports: [:])
    let context = Stage.system.context(manifest)
    return (values, context, Variables(manifest: manifest, instance: values, context: context))
  }

  private func podman(_ change: (inout Service) -> Void = { _ in }) throws -> [[String]] {
    let manifest = try manifest(.podman, change)
    let (values, context, variables) = try values(manifest)
    return try UnitRenderer(manifest: manifest, context: context).containers(of: values, variables: variables)
      .dropFirst().map { $0.text.split(separator: "\n").map(String.init) }
  }

  /// What Berth adds to a service of Compose, as far as it shuts it in.
  private struct Own: Decodable {
    let read_only: Bool?
    let tmpfs: [String]?
    let cap_drop: [String]?
    let cap_add: [String]?
    let security_opt: [String]
    let mem_limit: Int?
    let pids_limit: Int?
  }

  private func docker(_ change: (inout Service) -> Void = { _ in }) throws -> Own {
    struct Project: Decodable { let services: [String: Own] }
    let manifest = try manifest(.docker, change)
    let (values, context, variables) = try values(manifest)
    let files = try ComposeRenderer(manifest: manifest, context: context).files(of: values, variables: variables)
    let project = try JSONDecoder().decode(Project.self, from: Data(files[1].text.utf8))
    return try #require(project.services["main"])
  }

  @Test("a container of Podman's and its jobs have every line and a bound for memory and processes")
  func everyLine() throws {
    for lines in try podman() {
      for line in [
        "DropCapability=all", "NoNewPrivileges=true", "ReadOnly=true", "SeccompProfile=\(Self.profile)",
        "MemoryMax=2G", "TasksMax=512",
      ] { #expect(lines.count { $0 == line } == 1, "\(line)") }
      #expect(!lines.contains { $0.hasPrefix("AddCapability=") })
    }
  }

  @Test(
    "a line that is loosened is a comment with its reason, and the others stay",
    arguments: ContainerLine.allCases.filter { $0 != .userns })
  func loosened(_ line: ContainerLine) throws {
    let whole = try podman()
    let loose = try podman { $0.loosen = [.init(line.rawValue, "it must")] }
    for (whole, loose) in zip(whole, loose) {
      #expect(loose.filter { !whole.contains($0) } == ["# \(line.rawValue) is loosened: it must"])
      #expect(whole.filter { !loose.contains($0) }.count == 1)
    }
  }

  @Test("a capability that is named is the only one, with its reason; a limit of the plugin's wins")
  func named() throws {
    for lines in try podman({
      $0.capabilities = [.init("CAP_CHOWN", "it gives files away")]
      $0.limits = .init(memory: "64M", tasks: 9)
    }) {
      #expect(lines.contains("# CAP_CHOWN: it gives files away"))
      #expect(lines.filter { $0.contains("Capability=") } == ["DropCapability=all", "AddCapability=CAP_CHOWN"])
      #expect(lines.contains("MemoryMax=64M") && lines.contains("TasksMax=9") && !lines.contains("TasksMax=512"))
    }
  }

  @Test("a container that runs as the instance's user has a namespace of two numbers, unless its plugin loosens it")
  func namespace() throws {
    let own: (inout Service) -> Void = { $0.container?.user = "{{instance.uid}}:{{instance.gid}}" }
    let maps = try podman(own)[0].filter { $0.contains("IDMap=") }
    #expect(maps.count == 4 && Set(maps).count == 4)
    for kind in ["UIDMap", "GIDMap"] {
      let numbers = maps.filter { $0.hasPrefix(kind) }.map {
        $0.dropFirst(7).split(separator: ":").compactMap { Int($0) }
      }
      #expect(numbers[0][0] == 0 && numbers[0][1] >= 2_100_000_000 && numbers[0][1] < Int(Int32.max))
      #expect(numbers[1][0] == numbers[1][1] && numbers.allSatisfy { $0[2] == 1 })
    }
    let loose = try podman {
      own(&$0)
      $0.loosen = [.init("userns", "it must")]
    }[0]
    #expect(!loose.contains { $0.contains("IDMap=") } && loose.contains("# userns is loosened: it must"))
    #expect(!(try podman()[0].contains { $0.contains("IDMap=") }))
  }

  @Test("a service of Compose has the same in Compose's words, and no place in memory where its file has one")
  func compose() throws {
    let own = try docker()
    #expect(own.cap_drop == ["ALL"] && own.cap_add == nil)
    #expect(own.read_only == true)
    #expect(own.security_opt == ["no-new-privileges:true", "seccomp:\(Self.profile)"])
    #expect(
      own.tmpfs == ["/run", "/var/tmp"].map { "\($0):rw,exec,nosuid,nodev,mode=1777" })
    #expect(own.pids_limit == 512 && own.mem_limit == 2 << 30)
  }

  @Test("what a plugin loosens of Compose's lines is left out, and nothing else")
  func looseCompose() throws {
    let bare = try docker { service in
      service.loosen = ContainerLine.allCases.filter { $0 != .userns }.map { .init($0.rawValue, "it must") }
      service.capabilities = [.init("CAP_KILL", "it ends programs")]
    }
    #expect(bare.read_only == nil && bare.tmpfs == nil && bare.security_opt == [])
    #expect(bare.cap_drop == ["ALL"] && bare.cap_add == ["CAP_KILL"])
    // Docker would lay a profile over what is privileged too.
    let privileged = try docker { $0.loosen = [.init("privileged", "it must")] }
    #expect(privileged.cap_drop == nil)
    #expect(privileged.security_opt == ["no-new-privileges:true"])
    // Of two profiles Docker takes the last.
    let own = try docker { $0.loosen = [.init("security_opt", "it must")] }
    #expect(own.security_opt == ["no-new-privileges:true"] && own.read_only == true)
  }

  @Test("the profile is JSON that refuses what it does not know, and the bits in every call that can set them")
  func profile() throws {
    struct Profile: Decodable {
      struct Rule: Decodable {
        struct Argument: Decodable { let index, value, valueTwo: UInt64 }
        struct Condition: Decodable { let caps: [String] }
        let names: [String]
        let action: String
        let args: [Argument]
        let includes: Condition?
      }
      let defaultAction: String
      let syscalls: [Rule]
    }
    let profile = try JSONDecoder().decode(Profile.self, from: Data(try SeccompProfile.text().utf8))
    #expect(profile.defaultAction == "SCMP_ACT_ERRNO")
    let free = profile.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && $0.args.isEmpty && $0.includes == nil }
    let names = Set(free.flatMap(\.names))
    #expect(names.isSuperset(of: ["read", "write", "execve", "futex", "epoll_wait", "connect"]))
    let guarded = [
      "chmod", "fchmod", "fchmodat", "fchmodat2", "creat", "mknod", "mknodat", "open", "openat", "openat2", "clone",
      "clone3", "mount", "unshare", "setns", "bpf", "keyctl", "io_uring_setup", "userfaultfd", "kexec_load",
      "init_module", "chroot", "ptrace_none", "open_by_handle_at", "reboot", "personality", "socket",
    ]
    #expect(names.isDisjoint(with: guarded), "\(names.intersection(guarded))")
    for call in ["chmod", "fchmod", "fchmodat", "fchmodat2", "creat", "mknod", "mknodat", "open", "openat"] {
      let allowed = profile.syscalls.filter { $0.action == "SCMP_ACT_ALLOW" && $0.names.contains(call) }
      #expect(allowed.contains { $0.args.contains { $0.value == 0o6000 && $0.valueTwo == 0 } }, "\(call)")
    }
  }

  @Test("an instance of whose services none needs the profile has no file of it")
  func file() throws {
    let paths = Stage.system.context(sampleManifest()).paths
    let key = try instance(sampleManifest(), settings: [:], ports: [:]).key
    func file(_ services: [Service]) throws -> String? {
      try SeccompProfile.file(services, of: key, in: paths)?.path
    }
    let shut = Service("main", .container(Container(image: "registry.example/web:1")))
    var loose = shut
    loose.loosen = [.init("no-setuid", "it must")]
    #expect(try file([shut, loose]) == paths.seccomp(key))
    #expect(try file([loose]) == nil && file([Service("main", exec: ["/usr/bin/x"])]) == nil)
  }
}
