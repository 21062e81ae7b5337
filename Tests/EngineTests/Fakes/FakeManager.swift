import BerthKit
import Glibc
import Synchronization
import TestSupport
import Testing

/// A service manager that keeps the states of units and runs nothing.
///
/// It is a fake because a test host need not have systemd. Like systemd it knows a unit's file only from the last
/// reload on, refuses to stop what it does not know, and starts a target's services with the target.
final class FakeManager: ServiceManager {
  struct State {
    var isUp = true
    /// The unit files it has read: what each wants.
    var templates: [String: [String]] = [:]
    /// Templates of jobs, which end by themselves.
    var jobs: Set<String> = []
    /// Drop-ins of targets: what else each wants.
    var dropIns: [String: [String]] = [:]
    /// The units of jobs that were run, in order.
    var runs: [String] = []
    var units: [String: UnitState] = [:]
    var enabled: Set<String> = []
    /// What becomes of a unit, or of every instance of a template, that is started; running unless said otherwise.
    var outcomes: [String: UnitState] = [:]
    /// What a job does when its unit, or its template, is started; it is given the unit and what runs.
    var effects: [String: @Sendable (String, State) throws -> Void] = [:]
    /// What units take that run.
    var usage: [String: UnitUsage] = [:]
    /// The control group of all units; this process's when nil.
    var group: String?
    /// Runs of jobs, by their units.
    var jobRuns: [String: TimedRun] = [:]
    /// Seconds for which units have been up; a unit that is not here has just been started.
    var uptimes: [String: Int] = [:]
    /// Control groups of units that are no group of this process.
    var groups: [String: String] = [:]
    /// Units that come from somewhere else.
    var foreign: [String: String] = [:]
    /// Every question and order, as a word and its subjects.
    var calls: [String] = []
  }

  private let state = Mutex(State())
  private let files: JailedFiles
  private let fault: Fault
  private let paths: ScopePaths

  init(files: JailedFiles, fault: Fault, paths: ScopePaths) {
    self.files = files
    self.fault = fault
    self.paths = paths
  }

  var known: State { state.withLock { $0 } }

  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

  // MARK: Questions

  func isReachable() async -> Bool { known.isUp }

  func states(matching patterns: [String]) async throws -> [String: UnitState] {
    try ask("states", patterns)
    return known.units.filter { unit in patterns.contains { Self.matches(unit.key, $0) } }
  }

  func failedUnits(matching patterns: [String]) async throws -> Set<String> {
    try ask("failed", patterns)
    return Set(
      known.units.filter { unit in
        unit.value.active == "failed" && patterns.contains { Self.matches(unit.key, $0) }
      }.keys)
  }

  func runs(of jobs: [String]) async throws -> [String: TimedRun] {
    try ask("runs", jobs)
    return known.jobRuns.filter { jobs.contains($0.key) }
  }

  func uptimes(of units: [String]) async throws -> [String: Int] { known.uptimes.filter { units.contains($0.key) } }

  func mainProcesses(of units: [String]) async throws -> [String: Int] {
    try ask("processes", units)
    let active = units.filter { known.units[$0]?.active == "active" }.sorted()
    return Dictionary(uniqueKeysWithValues: active.enumerated().map { ($1, 4001 + $0) })
  }

  /// All units are this process, in which tests run their servers.
  func controlGroups(of units: [String]) async throws -> [String: String] {
    try ask("groups", units)
    let own = known.group ?? Peer.thisProcess.groups.first ?? "/"
    let groups = known.groups
    return Dictionary(units.map { ($0, groups[$0] ?? own) }, uniquingKeysWith: { first, _ in first })
  }

  func meter(of units: [String]) async throws -> @Sendable () -> [String: UnitUsage] {
    try ask("meter", units)
    return {
      let state = self.known
      return Dictionary(
        uniqueKeysWithValues: Set(units).map { unit in
          let isUp = state.units[unit]?.active == "active"
          return (
            unit, isUp ? state.usage[unit] ?? UnitUsage(memory: 1 << 20, processor: 2, tasks: 1) : UnitUsage()
          )
        })
    }
  }

  func enabledUnits() throws -> Set<String> { known.enabled }

  func foreignUnit(_ name: String) -> String? { known.foreign[name] }

  // MARK: Orders

  func reload() async throws { try order("reload", ["all"]) { try self.readUnits() } }

  func start(_ units: [String]) async throws {
    try order("start", units) { self.set { state in for unit in units { Self.start(unit, &state) } } }
  }

  func stop(_ units: [String]) async throws {
    try order("stop", units) {
      // One that runs is known, even when its file is gone.
      let known = self.known
      for unit in units
      where [unit, Self.template(of: unit)].allSatisfy({ known.templates[$0] == nil }) && known.units[unit] == nil {
        throw BerthError("manager-refused", .failure, "Unit \(unit) not loaded.")
      }
      self.set { state in for unit in units { Self.stop(unit, &state) } }
    }
  }

  func restart(_ units: [String]) async throws {
    try order("restart", units) {
      self.set { state in
        for unit in units { Self.stop(unit, &state) }
        for unit in units { Self.start(unit, &state) }
      }
    }
  }

  func begin(_ begun: UnitOrder, _ units: [String]) async throws {
    try order("begin-\(begun.rawValue)", units) {
      self.set { state in
        if begun == .restart { for unit in units { Self.stop(unit, &state) } }
        for unit in units { Self.start(unit, &state) }
      }
    }
  }

  func enable(_ units: [String]) async throws {
    try order("enable", units) {
      for unit in units where !self.files.exists(self.paths.unit(Self.template(of: unit))) {
        throw BerthError("manager-refused", .failure, "Unit file \(unit) does not exist.")
      }
      // The manager is not reloaded, neither here nor in `disable`.
      self.set { $0.enabled.formUnion(units) }
    }
  }

  func disable(_ units: [String]) async throws {
    try order("disable", units) { self.set { $0.enabled.subtract(units) } }
  }

  func resetFailed(_ units: [String]) async throws {
    try order("reset", units) {
      self.set { state in for unit in units where state.units[unit]?.active == "failed" { state.units[unit] = nil } }
    }
  }

  // MARK: Parts

  private func ask(_ question: String, _ subjects: [String]) throws {
    set { $0.calls.append(([question] + subjects).joined(separator: " ")) }
    guard known.isUp else { throw BerthError("no-manager", .unavailable, "the service manager does not answer") }
  }

  private func order(_ order: String, _ units: [String], _ body: () throws -> Void) throws {
    if units.isEmpty { Issue.record("'\(order)' without a unit") }
    try ask(order, units)
    try fault.act("\(order) \(units.joined(separator: " "))", body)
  }

  private func readUnits() throws {
    var templates: [String: [String]] = [:]
    var jobs: Set<String> = []
    var dropIns: [String: [String]] = [:]
    for name in files.isFolder(paths.units) ? try files.list(paths.units) : [] {
      if name.contains("@."), !name.hasSuffix(".d") {
        let text = try files.read(paths.unit(name))
        templates[name] = Self.wants(in: text)
        if text.contains("\nType=oneshot\n") { jobs.insert(name) }
      } else if name.hasSuffix(".target.d"), files.exists("\(paths.unit(name))/berth.conf") {
        dropIns[String(name.dropLast(2))] = Self.wants(in: try files.read("\(paths.unit(name))/berth.conf"))
      }
    }
    // What Podman's generator makes of a container's file belongs to that one instance.
    for name in files.isFolder(paths.containers) ? try files.list(paths.containers) : []
    where name.hasSuffix(".container") {
      let unit = "\(name.dropLast(".container".count)).service"
      templates[unit] = []
      if try files.read("\(paths.containers)/\(name)").contains("\nType=oneshot\n") { jobs.insert(unit) }
    }
    set { [templates, jobs, dropIns] in
      $0.templates = templates
      $0.jobs = jobs
      $0.dropIns = dropIns
    }
  }

  private static func wants(in text: String) -> [String] {
    let line = text.split(separator: "\n").first { $0.hasPrefix("Wants=") && !$0.contains("network") }
    return line.map { $0.dropFirst("Wants=".count).split(separator: " ").map(String.init) } ?? []
  }

  private static func start(_ unit: String, _ state: inout State) {
    // What is not known is not started; systemctl's status says so, and nobody throws for it.
    guard let wants = state.templates[unit] ?? state.templates[template(of: unit)] else { return }
    if !state.jobs.isDisjoint(with: [unit, template(of: unit)]) {
      state.runs.append(unit)
      state.units[unit] = state.outcomes[unit] ?? state.outcomes[template(of: unit)]
      do { try (state.effects[unit] ?? state.effects[template(of: unit)])?(unit, state) } catch {
        state.units[unit] = UnitState(active: "failed", sub: "failed")
      }
      return
    }
    if state.units[unit]?.active != "active" {
      let usual = UnitState(active: "active", sub: unit.hasSuffix(".target") ? "active" : "running")
      state.units[unit] = state.outcomes[unit] ?? state.outcomes[template(of: unit)] ?? usual
    }
    for service in wants + (state.dropIns[unit] ?? []) {
      start(service.replacing("%i", with: instance(of: unit)), &state)
    }
  }

  private static func stop(_ unit: String, _ state: inout State) {
    if state.units[unit]?.active != "failed" { state.units[unit] = nil }
    for service in (state.templates[template(of: unit)] ?? []) + (state.dropIns[unit] ?? []) {
      stop(service.replacing("%i", with: instance(of: unit)), &state)
    }
  }

  private static func template(of unit: String) -> String { unit.replacing("@\(instance(of: unit)).", with: "@.") }

  private static func instance(of unit: String) -> String {
    guard let at = unit.firstIndex(of: "@"), let dot = unit.lastIndex(of: ".") else { return "" }
    return String(unit[unit.index(after: at)..<dot])
  }

  private static func matches(_ unit: String, _ pattern: String) -> Bool {
    fnmatch(pattern, unit, 0) == 0
  }
}
