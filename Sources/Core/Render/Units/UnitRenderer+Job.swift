import BerthKit

/// The units of a job and of its timer.
extension UnitRenderer {
  /// A job is its service once more, with another program and an end.
  func template(of job: Job) throws -> String {
    guard let service = manifest.service(job.service) else {
      throw BerthError.badManifest(
        "there is no service '\(job.service)'", at: manifest.id, key: "jobs.\(job.id).service")
    }
    if service.engine == .docker { return try composeTemplate(of: job, service) }
    var unit = [
      "Description=\(UnitText.literal(manifest.name)) (job \(job.id)), instance %i",
      "PartOf=\(UnitName.target(manifest.id, "%i"))",
    ]
    // A missed run is made up for when the timer starts, which is while the service still does. A job of a moment runs
    // while the service is stopped, and nothing may order it behind a start that is to follow.
    if job.moments.isEmpty { unit.append("After=\(UnitName.service(manifest.id, service.id, "%i"))") }
    let execution =
      ["Type=oneshot"] + (try surroundings(of: service)) + [
        "ExecStart=\(try commandLine(job.action.exec))",
        "TimeoutStartSec=\(job.action.timeout)",
        "SyslogIdentifier=%p@%i",
      ]
    let isolation = isolation(of: service, probes: false)
    return text([("Unit", unit), ("Service", execution + limits(of: service) + isolation)])
  }

  func timer(of job: Job, _ calendar: String) -> String {
    text([
      (
        "Unit",
        [
          "Description=\(UnitText.literal(manifest.name)) (timer of \(job.id)), instance %i",
          "PartOf=\(UnitName.target(manifest.id, "%i"))",
        ]
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
}
