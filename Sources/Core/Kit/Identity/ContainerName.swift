/// The names of an instance's containers. An underscore is in no app, slug or service, so that no two names meet.
public enum ContainerName {
  public static func container(_ app: String, _ slug: String, service: String) -> String {
    service == "main" ? "\(app)_\(slug)" : "\(app)_\(slug)_\(service)"
  }

  /// What all of them share: their network, and the project of Docker Compose.
  public static func shared(_ app: String, _ slug: String) -> String { container(app, slug, service: "main") }

  /// A volume, or a network beside the one that all share.
  public static func part(_ name: String, _ app: String, _ slug: String) -> String {
    "\(shared(app, slug))_\(name)"
  }
}
