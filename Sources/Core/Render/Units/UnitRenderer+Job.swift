import BerthKit

/// The units of a job and of its timer.
extension UnitRenderer {
  /// A job is its service once more, with another program and an end.
  func template(of job: Job, _ service: Service) throws -> String {
    var unit = head("job \(job.id)", "%i")
    // A missed run is made up for when the timer starts, which is while the service still does. A job of a moment runs
    // while the service is stopped, and nothing may order it behind a start that is to follow.
    if job.moments.isEmpty { unit.append("After=\(UnitName.service(manifest.id, service.id, "%i"))") }
    let execution =
      ["Type=oneshot"] + (try surroundings(of: service)) + [
        "ExecStart=\(try commandLine(job.action.exec, of: service))",
        "TimeoutStartSec=\(job.action.timeout)",
        Self.patience,
        "SyslogIdentifier=%p@%i",
      ]
    let isolation = isolation(of: service, unit: job.id, probes: false)
    return text([("Unit", unit), ("Service", execution + limits(of: service) + isolation)])
  }

  /// A job of a container: its service's once more, with another program, no ports and no name in the network. Podman's
  /// generator makes a unit of it that ends with the program.
  func text(
    of job: Job, _ service: Service, _ instance: InstanceValues, _ variables: Variables
  ) throws -> String {
    guard let container = service.container else { return "" }
    let id = instance.key.id.text
    var unit = head("job \(job.id)", id)
    if job.moments.isEmpty { unit.append("After=\(UnitName.service(manifest.id, service.id, id))") }
    let words = try job.action.exec.map { UnitText.word(try variables.text($0) ?? "") }
    var lines = try insides(
      of: container, service, instance, variables, name: job.id,
      network: networks(of: container, service, instance, isService: false))
    // What stands before it in the image, such as a script that prepares things, is kept.
    lines.append("Exec=\(words.joined(separator: " "))")
    let execution =
      try guards(of: service, unit: job.id, instance, variables) + [
        "Type=oneshot", "TimeoutStartSec=\(job.action.timeout)", Self.patience, "SyslogIdentifier=%p@%i",
      ]
    return text(
      [
        ("Unit", unit), ("Container", lines),
        ("Service", try execution + bounds(of: service, instance, variables)),
      ] + quadlet)
  }

  func timer(of job: Job, _ calendar: String) -> String {
    text([
      (
        "Unit",
        head("timer of \(job.id)", "%i") + Self.unlimitedStarts
      ),
      (
        "Timer",
        [
          "OnCalendar=\(calendar)",
          "Persistent=yes",
          "# All instances share the calendar; each has its own second of it, so that they do not all begin at once.",
          "RandomizedDelaySec=30",
          "FixedRandomDelay=yes",
          "AccuracySec=1s",
        ]
      ),
    ])
  }

  /// Timers and pipes start with their instance, which may be changed many times in a row. After a few starts the manager
  /// would refuse the next one (systemd.unit(5)): nothing on the calendar would run any more, and no service would start
  /// that reads a pipe.
  static let unlimitedStarts = ["StartLimitIntervalSec=0"]

  /// How long a job or a program of a backup has to end once its time is over; then it is killed. A minute and a half
  /// otherwise (systemd-system.conf(5)), for which everybody would wait.
  static let patience = "TimeoutStopSec=10"
}
