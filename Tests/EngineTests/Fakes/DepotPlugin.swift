import BerthKit

/// An app of several services that need each other, as programs or in containers, and whose database is dumped.
struct DepotPlugin: AppPlugin {
  var isContained = true
  var version = "1"
  /// The services that have a job at each of these moments, in order.
  var jobs: [(service: String, moment: Job.Moment)] = []

  static let image = ContainerImage(id: String(repeating: "4", count: 64), names: ["localhost/depot:1"])

  var manifest: Manifest {
    Manifest(
      id: "depot", name: "Depot", summary: "Of several parts", category: .web, version: version,
      programs: isContained ? [] : [Program("server", [DemoPlugin.program])],
      services: [
        service("main", needs: ["db", "queue"]), service("db", mounts: [Mount("/rows", volume: "rows")]),
        service("queue"), service("site"),
      ],
      jobs: jobs.enumerated().map { index, job in
        Job("job\(index)", at: [job.moment], service: job.service, action: Action(exec: exec("work"), timeout: 60))
      },
      backup: [
        BackupSet(
          "rows",
          .command(dump: Action(exec: exec("dump"), timeout: 60), restore: Action(exec: exec("load"), timeout: 60)),
          service: "db")
      ])
  }

  private func exec(_ word: Template) -> [Template] { isContained ? [word] : ["{{programs.server}}", word] }

  private func service(_ id: String, needs: [String] = [], mounts: [Mount] = []) -> Service {
    Service(
      id,
      isContained
        ? .container(Container(image: "localhost/depot:1")) : .exec([Service.Argument(exec(Template(literal: id)))]),
      dependsOn: needs, mounts: mounts)
  }
}
