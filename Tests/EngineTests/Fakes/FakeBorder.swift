import BerthKit
import Synchronization
import Testing

/// Ports of a host that has only the listeners it is told of. A fake, since real ports are taken by whoever else runs.
final class FakePorts: PortProbe {
  struct State {
    var listeners: [PortNumber: String] = [:]
    /// Ports that another Berth has claimed.
    var refused: Set<PortNumber> = []
    /// Ports that another Berth claims right before this one does.
    var lost: Set<PortNumber> = []
    var claimed: Set<PortNumber> = []
    var doors: [OpenDoor] = []
    /// How often closed connections still keep a port when somebody looks.
    var lingering: [PortNumber: Int] = [:]
    /// What a packet filter lacks.
    var missingForwards: [Command] = []
    /// How often somebody is still connected to an address when somebody looks.
    var calls: [String: Int] = [:]
    /// Who has a port, where somebody has.
    var seats: [PortNumber: PortSeat] = [:]
    /// Ports that a packet filter keeps shut.
    var shut: Set<PortNumber> = []
    /// What the host has an address in or a way to.
    var subnets: [Subnet] = []
    var sockets: [OpenSocket] = []
    /// The control groups that hold sockets.
    var holders: [UInt64: [String]] = [:]
    /// How often somebody looked at all processes.
    var looks = 0
    var firstOfPersons = 1024
  }

  private let state = Mutex(State())

  var lingering: [PortNumber: Int] { state.withLock { $0.lingering } }
  var calls: [String: Int] { state.withLock { $0.calls } }
  var claimed: Set<PortNumber> { state.withLock { $0.claimed } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  var firstOfPersons: Int { state.withLock { $0.firstOfPersons } }

  func isTaken(_ port: PortNumber) -> Bool { state.withLock { $0.listeners[port] != nil } }
  func listener(on port: PortNumber) -> String? { state.withLock { $0.listeners[port] } }

  func isLingering(_ port: PortNumber) -> Bool {
    state.withLock { state in
      guard let left = state.lingering[port], left > 0 else { return false }
      state.lingering[port] = left - 1
      return true
    }
  }

  func isClaimed(_ port: PortNumber) -> Bool { state.withLock { $0.refused.contains(port) } }

  func claim(_ port: PortNumber) -> Bool {
    state.withLock { state in
      if state.lost.remove(port) != nil { state.refused.insert(port) }
      guard !state.refused.contains(port) else { return false }
      state.claimed.insert(port)
      return true
    }
  }

  func seat(on port: PortNumber, of peer: Peer) -> PortSeat? { state.withLock { $0.seats[port] } }
  func open(among ports: [PortNumber]) async -> Set<PortNumber> {
    let shut = state.withLock { $0.shut }
    return Set(ports).subtracting(shut)
  }

  func missingForwards() async -> [Command] { state.withLock { $0.missingForwards } }

  func isCalled(at address: String, _ port: Int) -> Bool {
    state.withLock { state in
      guard let left = state.calls["\(address):\(port)"], left > 0 else { return false }
      state.calls["\(address):\(port)"] = left - 1
      return true
    }
  }

  func openSockets() -> [OpenSocket] { state.withLock { $0.sockets } }
  func groups(holding inodes: Set<UInt64>) -> [UInt64: [String]] {
    state.withLock {
      $0.looks += 1
      return $0.holders.filter { inodes.contains($0.key) }
    }
  }
  var looks: Int { state.withLock { $0.looks } }

  func openDoors() -> [OpenDoor] { state.withLock { $0.doors } }

  func heldSubnets() -> [Subnet] { state.withLock { $0.subnets } }

  func releaseClaims() { state.withLock { $0.claimed = [] } }
}

/// System users as a set of names. A fake, since making real ones needs root and leaves them on the host.
final class FakeUsers: SystemUsers {
  private let state: Mutex<Set<String>>
  private let fault: Fault
  /// Folders that are root's alone; of all others nobody can tell.
  let closed = Mutex<Set<String>>([])

  init(fault: Fault, names: [String] = []) {
    self.fault = fault
    state = Mutex(Set(names))
  }

  var names: [String] { state.withLock { $0.sorted() } }

  func exists(_ name: String) -> Bool { state.withLock { $0.contains(name) } }
  func missing(_ names: [String]) -> [String] { state.withLock { known in names.filter { !known.contains($0) } } }

  func make(_ names: [String]) async throws {
    for name in names where exists(name) && !fault.isDead { Issue.record("the user '\(name)' is made twice") }
    try fault.act("make users \(names.joined(separator: " "))") { state.withLock { $0.formUnion(names) } }
  }

  func remove(_ names: [String]) async throws {
    try fault.act("remove users \(names.joined(separator: " "))") { state.withLock { $0.subtract(names) } }
  }
}

extension FakeUsers {
  func group(_ name: String) -> Int? { name == "media" ? 1500 : nil }

  /// Numbers that follow from the name, as on a host of Berth's.
  func numbers(of name: String?) -> (user: Int, group: Int) {
    let number = name.map { 1_900_000_000 + $0.utf8.reduce(0) { $0 + Int($1) } } ?? 1000
    return (number, number)
  }
}

/// Images as a list, and an engine that finds fault with nothing. A fake, since Podman needs a host of its own; the real
/// one is tried where systemd has booted.
final class FakeContainers: ContainerEngine {
  struct State {
    var images: [ContainerImage] = []
    /// What a registry has by name.
    var registry: [String: ContainerImage] = [:]
    /// Names that were fetched, in order.
    var pulled: [String] = []
    /// Names of the files that were looked at, call by call.
    var checked: [[String]] = []
    /// What `check` says.
    var problem: BerthError?
    var isMissing = false
    var containers: [EngineContainer] = []
    /// How often somebody asked for these.
    var questions = 0
    /// The names of its volumes.
    var volumes: Set<String> = []
    /// The addresses of its networks.
    var subnets: [Subnet] = []
    /// Whom images mean, by their ids; root otherwise.
    var users: [String: FileNumbers] = [:]
  }

  private let state = Mutex(State())

  var now: State { state.withLock { $0 } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func require() async throws {
    if now.isMissing { throw BerthError("no-podman", .unavailable, "there is no Podman") }
  }

  func images() async throws -> [ContainerImage] { now.images }
  func containers() async throws -> [EngineContainer] {
    state.withLock { state in
      state.questions += 1
      return state.containers
    }
  }

  func volumes() async throws -> [String] { Array(now.volumes) }
  func subnets() async throws -> [Subnet] { now.subnets }

  func user(of image: String, as user: String?) async throws -> FileNumbers {
    now.users[image] ?? FileNumbers(user: 0, group: 0)
  }

  func pull(_ reference: String) async throws {
    try state.withLock { state in
      state.pulled.append(reference)
      guard let image = state.registry[reference] else {
        throw BerthError("no-image", .unavailable, "the image '\(reference)' cannot be had")
      }
      state.images.removeAll { $0.names.contains(reference) }
      state.images.append(image)
    }
  }

  func check(_ files: [(name: String, text: String)]) async throws {
    try state.withLock { state in
      state.checked.append(files.map(\.name))
      if let problem = state.problem { throw problem }
    }
  }
}

/// Packages as a set of names, of which only those it is told of can be installed. A fake, since a test installs none.
final class FakePackages: PackageManager {
  struct State {
    var installed: Set<String> = ["demo-server"]
    /// What apt knows, and what comes to lie where once it is installed.
    var known: [String: @Sendable () throws -> Void] = [:]
  }

  private let state = Mutex(State())

  var installed: Set<String> { state.withLock { $0.installed } }
  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  func missing(_ alternatives: [[String]]) async throws -> [[String]] {
    alternatives.filter { installed.isDisjoint(with: $0) }
  }

  func version(of alternatives: [[String]]) async throws -> String? {
    alternatives.first.flatMap { installed.isDisjoint(with: $0) ? nil : "1.2.3" }
  }

  func install(_ alternatives: [[String]]) async throws {
    for names in alternatives {
      let known = state.withLock { $0.known }
      guard let name = names.first(where: { known[$0] != nil }), let effect = known[name] else {
        Issue.record("the packages \(names) are installed unasked")
        throw BerthError("packages-failed", .unavailable, "no such package")
      }
      try effect()
      state.withLock { _ = $0.installed.insert(name) }
    }
  }

  func installLine(_ alternatives: [[String]]) async -> String {
    "apt-get install \(alternatives.compactMap(\.first).joined(separator: " "))"
  }
}

/// A journal with lines for some units; asking for another's is a mistake. A fake, since there is no journal to read.
final class FakeLogs: LogReader {
  private let lines = Mutex<[String: [String]]>([:])

  func set(_ unit: String, _ text: [String]) { lines.withLock { $0[unit] = text } }

  func entries(
    of units: [String], since: String?, last: Int?, follow: Bool, namesUnits: Bool,
    each: @Sendable @escaping (LogEntry) async throws -> Void
  ) async throws {
    for unit in units {
      guard let text = lines.withLock({ $0[unit] }) else {
        Issue.record("nobody expected the log of '\(unit)' to be read")
        continue
      }
      for line in text.suffix(last ?? .max) {
        try await each(LogEntry(time: "2026-11-21T09:00:00Z", unit: unit, message: line))
      }
    }
  }
}

/// Locks of this test alone, so that tests do not wait for each other and what is still held can be seen.
final class FakeLocks: LockKeeper {
  private let state = Mutex<(held: [String: String], taken: [String])>(([:], []))

  var held: Set<String> { state.withLock { Set($0.held.keys) } }
  /// Every lock that was taken, by file name, in order.
  var taken: [String] { state.withLock { $0.taken } }

  func take(_ path: String, purpose: String, wait: Int) async throws -> any HeldLock {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let isMine = state.withLock { state in
      state.taken.append(name)
      guard state.held[name] == nil else { return false }
      state.held[name] = "process 1, \(purpose)"
      return true
    }
    guard isMine else {
      throw BerthError("busy", .busy, "another Berth is at work here", at: path, cause: holder(of: path))
    }
    return Held(name: name, keeper: self)
  }

  func holder(of path: String) -> String? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return state.withLock { $0.held[name] }
  }

  private func release(_ name: String) { state.withLock { $0.held[name] = nil } }

  private struct Held: HeldLock {
    let name: String
    let keeper: FakeLocks
    func release() { keeper.release(name) }
  }
}

/// A clock that stands still unless it is set, and randomness that counts: a plan is then the same every time.
final class FakeClock: HostClock {
  private let count: Mutex<Int>
  private let time: Mutex<String>

  init() {
    count = Mutex(0)
    time = Mutex("2026-11-21T09:00:00Z")
  }

  /// One that goes on as another does.
  init(like other: FakeClock) {
    count = Mutex(other.count.withLock { $0 })
    time = Mutex(other.timestamp())
  }

  private func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }

  func timestamp() -> String { time.withLock { $0 } }
  func set(_ timestamp: String) { time.withLock { $0 = timestamp } }

  func uuid() -> String { Self.uuid(next()) }
  func uuid(for words: [String]) -> String { uuid() }

  /// What is given out as the so manyth.
  static func uuid(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits + "-0000-4000-8000-000000000000"
  }

  func secret(length: Int) -> String {
    let start = "SECRET\(next())"
    return String((start + String(repeating: "z", count: length)).prefix(length))
  }
}
