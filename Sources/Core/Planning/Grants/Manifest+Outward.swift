import BerthKit
import Foundation

extension Manifest {
  /// The settings whose values reach further than the app's own configuration: what they name, or where they stand, makes
  /// them paths of the host, images, host names, devices, bounds, downloads.
  ///
  /// Whatever is not known to be the app's own affair counts, so that a new key of a plugin is outward by itself.
  var outwardSettings: Set<String> {
    var outward = self
    outward.settings = []
    outward.config = []
    outward.jobs = []
    outward.backup = []
    outward.query = nil
    outward.console = nil
    // What stands in it comes from the services' environment.
    outward.compose = nil
    outward.services = services.map { service in
      var service = service
      if service.container == nil { service.arguments = [] }
      service.environment = []
      service.ready = []
      service.stop = Service.Stop()
      service.condition = nil
      return service
    }
    var named: Set<String> = []
    if let data = try? JSONEncoder().encode(outward), let tree = try? JSONSerialization.jsonObject(with: data) {
      Self.collect(tree, into: &named)
    } else {
      named = Set(settings.map(\.id))
    }
    return Set(settings.filter { [.path, .image, .hostname].contains($0.kind) || named.contains($0.id) }.map(\.id))
  }

  /// Finds what `{{settings.…}}` and conditions name.
  private static func collect(_ tree: Any, into names: inout Set<String>) {
    switch tree {
    case let text as String:
      let variables = (try? Template(parsing: text))?.variables ?? []
      names.formUnion(variables.filter { $0.hasPrefix("settings.") }.map { String($0.dropFirst("settings.".count)) })
    case let fields as [String: Any]:
      if let name = fields["setting"] as? String { names.insert(name) }
      for value in fields.values { collect(value, into: &names) }
    case let elements as [Any]: for element in elements { collect(element, into: &names) }
    default: break
    }
  }
}
