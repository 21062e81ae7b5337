import BerthKit
import Foundation
import TestSupport
import Testing

@testable import BerthEngine
@testable import BerthHost

@Suite("Claims of ports")
struct PortClaimTests {
  private let folder: Folder
  private var path: String { "\(folder.path)/berth/claims" }

  init() throws { folder = try Folder() }

  @Test("a port belongs to one Berth at a time, by protocol and number, until it lets go of it")
  func exclusive() throws {
    let (one, other) = (LivePorts(claims: path), LivePorts(claims: path))
    #expect(try one.claim(PortNumber(.udp, 8303)))
    #expect(try one.claim(PortNumber(.udp, 8303)))
    #expect(try !other.claim(PortNumber(.udp, 8303)))
    #expect(try other.claim(PortNumber(.tcp, 8303)))
    #expect(try other.claim(PortNumber(.udp, 8304)))
    #expect(try !one.claim(PortNumber(.tcp, 8303)))
    one.releaseClaims()
    #expect(try other.claim(PortNumber(.udp, 8303)))
  }

  @Test("a look makes nothing, and tells what another one has")
  func looks() throws {
    let (one, other) = (LivePorts(claims: path), LivePorts(claims: path))
    #expect(try !one.isClaimed(PortNumber(.tcp, 80)))
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try other.claim(PortNumber(.tcp, 80)))
    #expect(try one.isClaimed(PortNumber(.tcp, 80)) && !one.isClaimed(PortNumber(.udp, 80)))
    #expect(try !other.isClaimed(PortNumber(.tcp, 80)))
    other.releaseClaims()
    #expect(try !one.isClaimed(PortNumber(.tcp, 80)))
  }

  @Test("of many who want one port at the same time, one gets it")
  func crowd() async throws {
    let path = path
    let ports = (0..<16).map { _ in LivePorts(claims: path) }
    let won = await withTaskGroup(of: Bool.self) { group in
      for port in ports { group.addTask { (try? port.claim(PortNumber(.tcp, 65535))) == true } }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(won == 1)
  }

  @Test("a claim ends with its owner, and a thousand take one file")
  func many() throws {
    let other = LivePorts(claims: path)
    do {
      let one = LivePorts(claims: path)
      for number in 1...1000 { #expect(try one.claim(PortNumber(.tcp, number))) }
      #expect(try !other.claim(PortNumber(.tcp, 1000)))
    }
    #expect(try other.claim(PortNumber(.tcp, 1000)))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["ports"])
  }

  @Test("whoever takes all of the former names of ports holds nobody up")
  func names() async throws {
    let first = FreePorts.block(100)
    let attack = try Attack("names", "\(first)", "\(first + 99)")
    #expect(try await attack.output(with: "held").contains("held 200"))
    let ports = LivePorts(claims: path)
    for number in first..<first + 100 { #expect(try ports.claim(PortNumber(.udp, number))) }
    // The claim that Berth once made.
    #expect(!Self.claimByName(PortNumber(.udp, first)))
    attack.end()
    #expect(Self.claimByName(PortNumber(.udp, first)))
  }

  /// Takes a name in the abstract space of sockets, which anybody can.
  private static func claimByName(_ port: PortNumber) -> Bool {
    let name = "berth/port/\(port)"
    let handle = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(handle, $0, length) == 0 }
    }
  }

  @Test("a folder into which others may write, or that is a link, is refused", arguments: ["open", "below", "link"])
  func open(_ kind: String) async throws {
    let parent = "\(folder.path)/berth"
    mkdir(parent, 0o755)
    switch kind {
    case "open":
      mkdir(path, 0o700)
      chmod(path, 0o770)
    case "below": chmod(parent, 0o777)
    default:
      mkdir("\(folder.path)/elsewhere", 0o700)
      symlink("\(folder.path)/elsewhere", path)
    }
    let ports = LivePorts(claims: path)
    let error = await refusal { try ports.claim(PortNumber(.tcp, 1)) }
    #expect(error?.code == (kind == "link" ? "file-system" : "claims-folder"))
    if kind != "link" { #expect(error?.kind == .notAllowed && error?.remedy?.text.hasPrefix("ls -ld \(path)") == true) }
  }

  @Test("nobody but its owner can enter the folder")
  func modes() throws {
    #expect(try LivePorts(claims: path).claim(PortNumber(.tcp, 1)))
    let folder = try FileManager.default.attributesOfItem(atPath: path)
    let file = try FileManager.default.attributesOfItem(atPath: "\(path)/ports")
    #expect(folder[.posixPermissions] as? Int == 0o700 && file[.posixPermissions] as? Int == 0o600)
  }

  @Test("all of root's scopes share one folder, all of a person's another")
  func shared() throws {
    let root = ScopeResolver(environment: HostEnvironment(userID: 0, variables: [:])) { _ in false }
    #expect(try root.resolve(ScopeRequest(root: "/srv/box")).paths.claims == ScopePaths.system.claims)
    #expect(ScopePaths.system.claims == "/run/berth/claims")
    // A host on which a person is logged in.
    let run = "\(folder.path)/run"
    let number = getuid() == 0 ? 1000 : getuid()
    let runtime = "\(run)/user/\(number)"
    try FileManager.default.createDirectory(atPath: "\(runtime)/systemd/private", withIntermediateDirectories: true)
    chmod(runtime, 0o700)
    chown(runtime, number, getgid())
    let person = HostEnvironment(userID: Int(number), variables: ["HOME": "/home/mara"], run: run)
    let resolver = ScopeResolver(environment: person) { _ in false }
    let (user, box) = (
      try resolver.resolve(ScopeRequest(scope: .user)).paths, try resolver.resolve(ScopeRequest(root: "/srv/box")).paths
    )
    #expect(user.claims == "\(runtime)/berth/claims" && box.claims == user.claims)
  }

  @Test("a person whom no login has given a runtime folder has the claims beside the registry")
  func withoutLogin() {
    let person = HostEnvironment(userID: 4242, variables: ["HOME": folder.path], run: folder.path)
    #expect(person.claims(else: "/srv/box/state") == "\(folder.path)/.local/state/berth/claims")
    // Without a home there is only the sandbox itself.
    let nobody = HostEnvironment(userID: 4242, variables: ["HOME": "/nonexistent"], run: folder.path)
    #expect(nobody.claims(else: "/srv/box/state") == "/srv/box/state/claims")
  }
}
