import BerthKit
import Testing

@testable import BerthEngine
@testable import BerthPlanning

/// Random operations with random faults, against a small model of what should be there.
@Suite("Any sequence of operations", .serialized)
struct SequenceTests {
  private static let batches = 8
  private static let perBatch = 26
  private static let length = 12

  @Test(
    "leaves on the host what a person would expect, whatever fails and wherever it is killed", arguments: 0..<batches)
  func sequences(_ batch: Int) async throws {
    for number in 0..<Self.perBatch {
      let seed = UInt64(batch * Self.perBatch + number + 1)
      var run = try Run(seed: seed)
      for _ in 0..<Self.length {
        let problems = try await run.step()
        guard problems.isEmpty else {
          let story = run.story.joined(separator: "\n")
          Issue.record("seed \(seed):\n\(story)\n\(problems.map { $0.prefix(600) }.joined(separator: "\n"))")
          break
        }
      }
    }
  }

  /// One sequence.
  private struct Run {
    var random: Seeded
    var host: TestHost
    var model: Model
    var story: [String] = []
    private var made = 0

    init(seed: UInt64) throws {
      random = Seeded(state: seed)
      host = try TestHost(seed.isMultiple(of: 2) ? .system : .user)
      host.watchRegistry(counts: true)
      model = try Model(host)
    }

    /// What is meant, and what the host should be like then.
    private typealias Deed = (
      words: String, act: @Sendable (Berth) async throws -> Void, after: (inout Model) throws -> Void
    )

    /// Does something, with or without a fault, and compares.
    mutating func step() async throws -> [String] {
      guard let (words, act, after) = try await deed() else { return [] }
      var line = words
      var wanted = model
      host.fault.arm()
      let fault = Int.random(in: 0..<10, using: &random)
      let number = Int.random(in: 1...30, using: &random)
      let moment: Fault.Moment = Bool.random(using: &random) ? .before : .after
      let dies = fault < 3
      if fault < 6 {
        line += ", \(dies ? "killed" : "failing") \(moment) call \(number)"
        // Clearing away after the end is not taken back, and a failing commit of the journal is another test's matter.
        host.fault.arm(moment, dies: dies) { count, call in
          count == number && (dies || !call.hasPrefix("commit operation") && !call.contains("/trash/"))
        }
      }
      let isOrder = Control.allCases.contains { words.hasPrefix("\($0) ") }
      var isDone = true
      do { try await act(host.berth([HarbourPlugin()])) } catch { isDone = false }
      if let fired = host.fault.fired { line += " (\(fired.call))" }
      if host.fault.isDead {
        host = try host.reborn()
        let reports = try await host.berth([HarbourPlugin()]).recover()
        line += " → \(reports.map(\.ending.rawValue))"
        switch reports.first?.ending {
        case .finished?: isDone = true
        case .undone?: isDone = false
        // Not yet begun, or already ended: either is whole.
        case nil: isDone = try Model(host) != model
        case .stuck?: return ["stuck: \(reports[0].leftovers)"]
        }
      } else {
        // An order that failed may have been followed all the same, and is not taken back.
        if isOrder, !isDone { isDone = try Model(host) != model }
        line += isDone ? " → done" : " → failed"
        host.fault.arm()
      }
      story.append(line)
      if isDone { try after(&wanted) }
      model = wanted
      return try await model.problems(host)
    }

    private mutating func deed() async throws -> Deed? {
      let host = host
      let alive = model.alive
      let kept = model.instances.filter(\.value.isKept).sorted { $0.key < $1.key }
      switch Int.random(in: 0..<12, using: &random) {
      case 0, 1, 2:
        made += 1
        let (name, isStarted) = ("i\(made)", Bool.random(using: &random))
        let request = InstallRequest(app: "harbour", name: name, settings: ["size": "\(made)"], isStarted: isStarted)
        return ("install \(name)", { _ = try await $0.install(request) }, { try $0.learn(name, host, isStarted) })
      case 3 where !kept.isEmpty:
        let (uid, instance) = kept[0]
        let request = InstallRequest(app: "harbour", id: instance.key.id.text)
        return (
          "take up \(instance.name)", { _ = try await $0.install(request) },
          { model in
            model.instances[uid]?.isKept = false
            try model.learn(instance.name, host, true)
          }
        )
      default: break
      }
      guard let (uid, instance) = alive.randomElement(using: &random) else { return nil }
      let record = try #require(try host.registry.instances().first { $0.uid == uid })
      let number = Int.random(in: 1...99, using: &random)
      switch Int.random(in: 0..<9, using: &random) {
      case 0:
        return (
          "remove \(instance.name)", { try await $0.remove(record.key, keepsData: false) }, { $0.instances[uid] = nil }
        )
      case 1:
        return (
          "keep \(instance.name)", { try await $0.remove(record.key, keepsData: true) },
          {
            $0.instances[uid]?.isKept = true
            $0.instances[uid]?.isRunning = false
            $0.instances[uid]?.isEnabled = false
            $0.instances[uid]?.fleet = nil
            $0.instances[uid]?.web = 0
          }
        )
      case 2:
        let verb: Control = instance.isRunning ? .stop : .start
        return (
          "\(verb) \(instance.name)", { _ = try await $0.control(verb, [record])[0].result.get() },
          { $0.instances[uid]?.isRunning = verb == .start }
        )
      case 3:
        let verb: Control = instance.isEnabled ? .disable : .enable
        return (
          "\(verb) \(instance.name)", { _ = try await $0.control(verb, [record])[0].result.get() },
          { $0.instances[uid]?.isEnabled = verb == .enable }
        )
      case 4:
        return (
          "size of \(instance.name) to \(number)",
          { _ = try await $0.change(record, ChangeWish(settings: ["size": "\(number)"])) },
          { $0.instances[uid]?.size = "\(number)" }
        )
      case 5:
        let crane = !instance.hasCrane
        return (
          "crane of \(instance.name) to \(crane)",
          { _ = try await $0.change(record, ChangeWish(settings: ["crane": "\(crane)"])) },
          { $0.instances[uid]?.hasCrane = crane }
        )
      case 6:
        let web = 40000 + 2 * number + made * 200
        return (
          "port of \(instance.name) to \(web)", { _ = try await $0.change(record, ChangeWish(ports: ["web": web])) },
          { $0.instances[uid]?.web = web }
        )
      default: return apply(alive, number)
      }
    }

    /// A fleet that lists some of what is there and one more.
    private mutating func apply(_ alive: [(uid: String, instance: Model.Instance)], _ number: Int) -> Deed {
      made += 1
      let host = host
      let new = "f\(made)"
      let listed = alive.filter { _ in Bool.random(using: &random) }
      let gone = alive.filter { item in item.instance.fleet == "north" && !listed.contains { $0.uid == item.uid } }
      let fleet = FleetFile(
        name: "north",
        instances: listed.map {
          FleetInstance(app: "harbour", id: $0.instance.key.id, settings: ["size": "\(number)"], enabled: true)
        } + [FleetInstance(app: "harbour", name: InstanceName(unchecked: new), settings: ["size": "1"], enabled: false)]
      )
      return (
        "apply \(listed.map(\.instance.name)) and \(new), without \(gone.map(\.instance.name))",
        { _ = try await $0.apply(fleet, prunes: true) },
        { model in
          for (uid, _) in gone { model.instances[uid] = nil }
          for (uid, _) in listed {
            model.instances[uid]?.size = "\(number)"
            model.instances[uid]?.isRunning = true
            model.instances[uid]?.isEnabled = true
          }
          try model.learn(new, host, false)
        }
      )
    }
  }
}

extension Model {
  /// Takes over what only the host decides of a new instance: who it is and which ports it got.
  mutating func learn(_ name: String, _ host: TestHost, _ isStarted: Bool) throws {
    guard let found = try Model(host).alive.first(where: { $0.instance.name == name }) else {
      Issue.record("\(name) was not made")
      return
    }
    var instance = found.instance
    instance.isRunning = isStarted
    instance.isEnabled = isStarted
    instance.hasCrane = instances[found.uid]?.hasCrane ?? false
    instance.size = instances[found.uid]?.size ?? instance.size
    instances[found.uid] = instance
  }
}

/// Numbers that are the same for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
