import BerthKit
import Foundation

/// A volume as `docker volume inspect` prints it, as far as Berth reads it.
///
/// Source: the Docker Engine API, "Inspect a volume"; docker-volume-create(1), "Driver specific options".
struct DockerVolume: Decodable {
  let Name: String
  let Driver: String
  let Options: [String: String]?

  /// The folder that holds its data while no container runs. Docker mounts a volume with options into its own folder only
  /// while a container uses it. Nil for a plain volume, whose folder always holds the data; no path for what is no folder of the host.
  var place: String? {
    guard Driver == "local" else { return "\(Driver):\(Name)" }
    guard let device = Options?["device"] else { return nil }
    let isBind = (Options?["o"] ?? "").split(separator: ",").contains { $0 == "bind" || $0 == "rbind" }
    return isBind ? device : "\(Options?["type"] ?? "none"):\(device)"
  }
}
