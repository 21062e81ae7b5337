import BerthKit
import Foundation
import Testing

@testable import BerthEngine
@testable import BerthPlan
@testable import BerthPlanning

@Suite("A plan as data")
struct PlanSecrecyTests {
  private static let secret = "TopSecretValue77"

  private func plan(_ host: TestHost) async throws -> Plan {
    try await host.berth().planInstall(InstallRequest(app: "demo", settings: ["token": Self.secret]))
  }

  @Test("marks every file that holds a secret, and no other", arguments: TestHost.Kind.allCases)
  func marks(_ kind: TestHost.Kind) async throws {
    let plan = try await plan(try TestHost(kind))
    #expect(
      plan.files.filter(\.isSecret).map { ($0.path as NSString).lastPathComponent } == ["demo.cfg", "worker.env"])
    for file in plan.files { #expect(file.isSecret == file.text.contains(Self.secret), "\(file.path)") }
    for file in plan.files where file.isSecret { #expect(file.mode == 0o600) }
  }

  @Test("holds no secret when it is written down", arguments: TestHost.Kind.allCases)
  func hides(_ kind: TestHost.Kind) async throws {
    let plan = try await plan(try TestHost(kind))
    let hasSecretSetting = plan.plainSteps.contains {
      if case .register(let registration) = $0 {
        registration.settings.contains { $0.value == Self.secret }
      } else {
        false
      }
    }
    #expect(hasSecretSetting)
    for step in plan.plainSteps {
      let isShown = String(decoding: try JSONEncoder().encode(step), as: UTF8.self).contains(Self.secret)
      #expect(!isShown, "\(step.kind)")
    }
  }

  @Test("shows no secret in the lines for people")
  func summaries() async throws {
    for step in try await plan(try TestHost(.system)).plainSteps { #expect(!step.summary.contains(Self.secret)) }
  }

  @Test("comes back as it was, the files with secrets left out", arguments: TestHost.Kind.allCases)
  func roundTrip(_ kind: TestHost.Kind) async throws {
    let plan = try await plan(try TestHost(kind)).withoutSecrets
    #expect(try JSONDecoder().decode(Plan.self, from: Data(plan.json.utf8)) == plan)
  }

  @Test("the plan of a removal comes back as it was", arguments: [true, false])
  func removal(_ keepsData: Bool) async throws {
    let steps = RemovePlanner(
      record: Sample.record(1, directory: "/srv/1"), paths: .system, units: UnitFolder(), keepsData: keepsData
    ).steps()
    let plan = Plan(verb: "remove", [steps])
    #expect(try JSONDecoder().decode(Plan.self, from: Data(plan.json.utf8)) == plan)
  }

  @Test("a secret file does not come back")
  func secretFile() throws {
    let file = FileWrite(path: "/a", text: Self.secret, mode: 0o600, isSecret: true)
    let data = try JSONEncoder().encode(Step.writeFile(file))
    #expect(!String(decoding: data, as: UTF8.self).contains(Self.secret))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Step.self, from: data) }
  }

  @Test("what is looked for in a secret file, and set in it, stays out too")
  func secretEdits() throws {
    let file = FileWrite(path: "/a.conf", text: "", mode: 0o600, isSecret: true, edits: Self.check.edits)
    for step in [Step.checkConfig(Sample.record(1), [Self.check]), .writeFile(file)] {
      #expect(!String(decoding: try JSONEncoder().encode(step), as: UTF8.self).contains(Self.secret))
    }
  }

  /// One step of every kind, so that a new kind has to find its word.
  static let steps: [(Step, String)] = {
    let record = Sample.record(1)
    let fresh = Sample.record(1, state: .installing)
    return [
      (.installPackages([["a", "b"], ["c"]]), "install the packages a | b, c"),
      (.makeUsers(["berth-1"]), "make the system user berth-1"),
      (.removeUsers(["berth-1"]), "remove the system user berth-1"),
      (
        .register(Registration(record: fresh, settings: [], takesUp: false)), "register it with the id \(Sample.id(1))"
      ),
      (.register(Registration(record: fresh, settings: [], takesUp: true)), "take it up with the id \(Sample.id(1))"),
      (.register(Registration(record: record, settings: [], takesUp: true)), "note its settings"),
      (.forget(record), "forget it and free its ports"),
      (.keep(record), "keep its settings under the id \(Sample.id(1)), and free its ports"),
      (.settle(record, .ready), "note that it is ready"),
      (.makeFolder(path: "/a", mode: 0o755, owner: nil, isShared: false), "make the folder /a"),
      (.writeFile(FileWrite(path: "/a", text: "", mode: 0o600, isSecret: true)), "write /a (holds a secret)"),
      (.makeLink(path: "/a", target: "/b"), "link /a to /b"), (.removeTree(path: "/a"), "remove /a"),
      (.shareUnits(app: "demo", files: []), "put 0 unit files of demo in place"),
      (.releaseUnits(app: "demo", paths: []), "remove the unit files of demo, unless another instance needs them"),
      (.reloadManager, "reload the service manager"), (.enable(["a", "b"]), "enable a b"),
      (.disable(["a"]), "disable a"),
      (.start(record), "start it and wait until it is ready"), (.stop(record, units: []), "stop it"),
      (.stop(record, units: ["main"]), "stop main"),
      (.restart(record, units: ["main"]), "restart main and wait until it is ready"),
      (.runJob(JobRun(record, "seed")), "run the job seed"),
      (
        .runJob(JobRun(record, "migrate", isPointOfNoReturn: true)),
        "run the job migrate (point of no return: it cannot be taken back)"
      ),
      (.archive(work([], opens: true, closes: false)), "begin the archive"),
      (.archive(work(["a", "b"], opens: true, closes: false)), "copy a, b into the archive"),
      (.archive(work(["a", "b"], opens: true, closes: true)), "copy a, b into /b.tar.zst"),
      (.archive(work(["c"], opens: false, closes: true)), "copy c into the archive and finish it"),
      (.archive(work([], opens: false, closes: true)), "finish the archive /b.tar.zst"),
      (.unpack(record, point.unpack), "check and unpack /b.tar.zst"),
      (.replaceFolder(record, point.replacements[0]), "put what was unpacked in the place of /i/data"),
      (
        .guardSettings(record, jobs: ["account"], needs: []),
        "from here on, going back runs account once more, with the former settings"
      ),
      (.checkConfig(record, [check]), "see whether /a.conf still says what was set"),
      (.guardData(record, point), "from here on, going back brings the data back from /b.tar.zst"),
    ]
  }()

  private static func work(_ sets: [String], opens: Bool, closes: Bool) -> ArchiveWork {
    let head = BackupHead(
      id: Sample.backupID(1), kind: .full, createdAt: "2026-11-21T09:00:00Z", hostName: "harbour",
      instance: Sample.record(1), settings: [], manifest: TinyPlugin().manifest, sets: [])
    let draft = BackupDraft(
      order: ArchiveOrder(path: "/b.tar.zst", index: "/b.mtree", head: head, folders: [:]), base: nil, reason: .asked,
      labels: [:], note: nil, isKept: false, isVerified: false, stays: false, kindReason: "")
    return ArchiveWork(draft: draft, parts: sets.map { ArchivePart($0) }, opens: opens, closes: closes)
  }

  private static let check = ConfigCheck(
    path: "/a.conf",
    edits: ConfigEdits(
      id: "a.conf", format: .properties, encoding: nil, assignments: [ConfigAssignment(["key"], .text(secret))]),
    isWrittenByApp: false, isSecret: true)

  private static let point = RestorePoint(
    unpack: UnpackOrder(
      archives: ["/a.tar.zst", "/b.tar.zst"], ids: [Sample.backupID(0), Sample.backupID(1)], index: nil, target: "/t",
      owner: nil, trust: .own(list: nil)),
    replacements: [
      ReplaceOrder(name: "data", folder: "/i/data", staged: "/t/data", aside: "/i/.aside", sets: [], chosen: [])
    ])

  @Test("says what each step does, in a line", arguments: steps)
  func says(_ step: Step, _ summary: String) { #expect(step.summary == summary) }
}
