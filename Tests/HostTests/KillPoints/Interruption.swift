import Foundation
import TestSupport
import Testing

/// One command of the real program, ended or made to fail at each of its points in turn.
struct Interruption {
  let box: SandboxFixture
  /// What it is called in what is printed.
  let name: String
  let words: [String]
  /// Brings the sandbox from what the command leaves to where it begins.
  let reset: () async throws -> Void
  /// What a job may have left below the sandbox that failed itself, so that it was not past the point of no return.
  var traces: Set<String> = []
  /// Of the points of failing steps and recoveries, only each so-manieth is tried, and of these one in three in an ordinary run.
  var stride = 1
  /// The same of the points at which it is killed. Before a step is after the one before it, so that two leave none out.
  var killStride = 1
  /// Whether it is several operations: once one before the last is finished, all may be as before.
  var isSeveral = false
  /// Whether backups that were finished stay although the rest is taken back.
  var sparesBackups = false

  /// What was found on the way.
  struct Count {
    /// Points at which the command could be interrupted.
    var points = 0
    /// The last point after which it was taken back, and the first after which it was finished; 0 for none.
    var lastUndone = 0
    var firstFinished = 0
  }

  /// A state before and after the command, for comparing.
  private struct Ends {
    var before: HostSnapshot
    let after: HostSnapshot
    /// What the doctor says before: nothing, but where the command is what it asks for.
    let findings: JSON
  }

  private static let spared = EveryPoint.isTried ? 1 : 3
  var step: Int { stride * Self.spared }
  private var killStep: Int { killStride * Self.spared }

  private func look() async throws -> HostSnapshot {
    let now = try await HostSnapshot(box)
    guard sparesBackups else { return now }
    return now.without(Set(now.files.keys.filter { $0.hasPrefix("backups") || $0.hasPrefix("state/backups") }))
  }

  private func ends() async throws -> Ends {
    let run = try await box.berth(words)
    try #require(run.status == 0, "\(name): \(run.errors)")
    let after = try await look().timeless
    try await reset()
    return Ends(
      before: try await look(), after: after, findings: try await box.berth("doctor", "--json").json())
  }

  /// Kills it at every point, and recovers each time.
  func killEverywhere() async throws -> Count {
    var ends = try await ends()
    var count = Count()
    for point in Swift.stride(from: 1, to: 1000, by: killStep) {
      let run = try await berth(words, "kill:\(point)")
      if run.status == 0 { break }
      try #require(run.status == 137, "\(name), point \(point): \(run.errors)")
      count.points = point
      // Every operation that is open is shown alike.
      if killStep == 1 || point < 2 * killStep { try await expectIncomplete(point) }
      switch try await recover(&ends, "killed at \(point)") {
      case "finished": if count.firstFinished == 0 { count.firstFinished = point }
      default: count.lastUndone = point
      }
    }
    expectSame(try await look().timeless, ends.after, "not killed at all")
    try await reset()
    return count
  }

  /// Lets a step fail at every point. What may be taken back is so at once.
  func failEverywhere(_ count: Count) async throws {
    var ends = try await ends()
    for point in Swift.stride(from: 1, through: count.points, by: step) {
      let run = try await berth(words + ["--json"], "fail:\(point)")
      let what = "failed at \(point)"
      if run.status == 0, isSeveral || point > count.points - 1 - killStep {
        // All was done; only clearing away was left.
        expectSame(try await look().timeless, ends.after, what)
        try await reset(after: true, &ends)
        continue
      }
      #expect(run.status == 70, "\(name), failing at \(point): \(run.errors)")
      guard try run.failure()["remedy"].text?.hasPrefix("berth operations recover") == true else {
        let now = try await look()
        let left = traces.intersection(now.files.keys)
        expectSame(now.without(left), ends.before, what)
        try await reset(after: !left.isEmpty, &ends)
        continue
      }
      // An ordinary run kills at so few points that this one may lie between the last undone and the first finished.
      let first = EveryPoint.isTried ? count.firstFinished : count.lastUndone + 1
      #expect(count.firstFinished > 0 && point >= first, "\(name), \(what): \(run.errors)")
      #expect(try await recover(&ends, what) == "finished")
    }
    expectSame(try await look(), ends.before, "failed everywhere")
    try await expectSound(ends.findings, "failed everywhere")
  }

  /// Lets taking back fail too, at each of its own points; the recovery then succeeds.
  func failUndoing(at point: Int) async throws -> Int {
    var ends = try await ends()
    for (tried, undo) in Swift.stride(from: 1, to: 1000, by: step).enumerated() {
      let run = try await berth(words + ["--json"], "fail:\(point),fail-undo:\(undo)")
      #expect(run.status == 70, "\(run.errors)")
      guard let number = try await openOperation() else {
        #expect(try run.failure()["summary"].text?.contains("at point \(point)") == true, "\(run.errors)")
        expectSame(try await look(), ends.before, "failed at \(point)")
        return tried
      }
      let failure = try run.failure()
      #expect(failure["remedy"].text?.hasPrefix("berth operations recover \(number)") == true, "\(run.errors)")
      #expect(failure["cause"].text?.contains("could not be taken back:\n") == true, "\(run.errors)")
      #expect(failure["cause"].text?.contains("at undo \(undo)") == true, "\(run.errors)")
      #expect(try await recover(&ends, "failed at \(point), undo \(undo)") == "undone")
    }
    return 0
  }

  /// Kills the recovery as well, at each of its points, and recovers again.
  ///
  /// - Parameter order: `kill-undo` for what is taken back, `kill` for what is finished.
  func killRecovery(at point: Int, _ order: String) async throws -> Int {
    var ends = try await ends()
    for (tried, undo) in Swift.stride(from: 1, to: 1000, by: step).enumerated() {
      #expect(try await berth(words, "kill:\(point)").status == 137)
      let first = try await berth(["operations", "recover"], "\(order):\(undo)")
      if first.status == 0 {
        try await reset(after: order == "kill", &ends)
        return tried
      }
      try #require(first.status == 137, "\(name), \(order) \(undo): \(first.errors)")
      let ending = try await recover(&ends, "killed at \(point), then \(order) \(undo)")
      #expect(ending == (order == "kill" ? "finished" : "undone"))
    }
    return 0
  }

  // MARK: Looking

  private func berth(_ words: [String], _ fault: String) async throws -> BerthRun {
    try await box.berth(words, environment: ["BERTH_FAULT": fault])
  }

  /// Everybody who looks is told of the operation that broke off.
  private func expectIncomplete(_ point: Int) async throws {
    let what: Comment = "\(name), killed at \(point)"
    let operation = try await box.berth("operations", "list", "--lines", "1", "--json").json()[0]
    let remedy = operation["remedy"].text ?? "none"
    #expect(operation["status"].text == "incomplete", what)
    #expect(remedy == "berth operations recover \(operation["id"].integer ?? 0)", what)
    let items = operation["instances"].list.map { "\($0["app"].text ?? "")/\($0["instance_name"].text ?? "")" }
    var isShown = false
    for report in try await box.berth("list", "--json").json().list {
      let (app, name) = (report["app"].text ?? "", report["instance_name"].text ?? "")
      let isMeant = items.contains("\(app)/\(name)")
      #expect((report["status"].text == "incomplete") == isMeant, what)
      guard isMeant else { continue }
      #expect(report["remedy"].text == remedy, what)
      guard !isShown else { continue }
      isShown = true
      let status = try await box.berth("status", app, "--instance", name, "--json").json()
      #expect(status["status"].text == "incomplete" && status["remedy"].text == remedy, what)
    }
  }

  private func openOperation() async throws -> Int? {
    let operation = try await box.berth("operations", "list", "--lines", "1", "--json").json()[0]
    return operation["ended_at"] == .null ? operation["id"].integer : nil
  }

  /// Recovers, and looks whether all is as before or as after, as the recovery says.
  ///
  /// - Returns: `finished` or `undone`.
  private func recover(_ ends: inout Ends, _ what: String) async throws -> String {
    let run = try await box.berth("operations", "recover", "--json")
    #expect(run.status == 0, "\(name), \(what): \(run.output)\(run.errors)")
    let ending = try run.json()[0]["ending"].text ?? "nothing"
    #expect(
      try run.json().list.count == 1 && ["finished", "undone"].contains(ending), "\(name), \(what): \(run.output)")
    try await expectSound(ending == "finished" ? .list([]) : ends.findings, what)
    let now = try await look()
    if isSeveral, now == ends.before { return "undone" }
    if ending == "finished" {
      expectSame(now.timeless, ends.after, "\(what), finished")
      try await reset(after: true, &ends)
    } else {
      expectSame(now, ends.before, "\(what), undone")
      // What is not whole must not make every later point fail as well.
      if now != ends.before { try await reset(after: true, &ends) }
    }
    return ending
  }

  private func reset(after isNeeded: Bool, _ ends: inout Ends) async throws {
    guard isNeeded else { return }
    try await reset()
    ends.before = try await look()
  }

  private func expectSound(_ findings: JSON, _ what: String) async throws {
    let doctor = try await box.berth("doctor", "--json")
    // That a backup failed is said until one succeeds.
    let found = try doctor.json().list.filter { $0["code"].text != "backup-failed" }
    #expect(found == findings.list, "\(name), \(what): \(doctor.output)\(doctor.errors)")
  }

  private func expectSame(_ now: HostSnapshot, _ wanted: HostSnapshot, _ what: String) {
    #expect(now == wanted, "\(name), \(what):\n\(now.differences(from: wanted).joined(separator: "\n"))")
  }
}
