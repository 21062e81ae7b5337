/// The names of units, fixed for ever.
public enum UnitName {
  /// `app@ID.service`, or `app-SERVICE@ID.service` for a service that is not called `main`; no id for the template.
  /// A job's unit is named the same way, by the job.
  public static func service(_ app: String, _ service: String, _ id: String = "") -> String {
    service == "main" ? "\(app)@\(id).service" : "\(app)-\(service)@\(id).service"
  }

  /// `app@ID.socket`, which gives the service of that name its standard input; no id for the template.
  public static func socket(_ app: String, _ service: String, _ id: String = "") -> String {
    "\(self.service(app, service, id).dropLast(".service".count)).socket"
  }

  /// `app@ID.target`; no id for the template.
  public static func target(_ app: String, _ id: String = "") -> String { "\(app)@\(id).target" }

  /// `app@ID-network.service`, which Podman's generator makes of the file of an instance's network.
  public static func network(_ app: String, _ id: String) -> String { "\(app)@\(id)-network.service" }

  /// `app-compose@ID.service`, which ends an instance's project of Docker Compose; no id for the template.
  public static func compose(_ app: String, _ id: String = "") -> String { service(app, Manifest.composeUnit, id) }

  /// `app-JOB@ID.timer`, which starts a job's unit on its calendar; no id for the template.
  public static func timer(_ app: String, _ job: String, _ id: String = "") -> String { "\(app)-\(job)@\(id).timer" }

  /// What recovers broken operations at a boot, before any instance starts. No template is called so.
  public static let recovery = "berth-recover.service"

  /// `app@.target` of `app@ID.target`; a unit that is none of a template's is its own.
  public static func template(of unit: String) -> String {
    guard let at = unit.firstIndex(of: "@"), let dot = unit.lastIndex(of: "."), at < dot else { return unit }
    return String(unit[...at] + unit[dot...])
  }

  /// Everything of an app, as a pattern of the manager's.
  public static func patterns(_ app: String, services: [String]) -> [String] {
    services.map { service(app, $0, "*") }
  }
}
