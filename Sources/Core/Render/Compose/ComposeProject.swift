import BerthKit

/// What Berth adds to a plugin's Compose file for one instance, in Compose's own words (compose-spec).
struct ComposeProject: Encodable {
  struct Service: Encodable {
    var container_name: String
    var image: String
    /// Images are fetched by Berth, before anything is changed.
    var pull_policy = "never"
    /// The service manager starts it again.
    var restart = "no"
    var environment: [String: String] = [:]
    var ports: [Port] = []
    var volumes: [Mount] = []
    var stop_signal = "SIGTERM"
    var stop_grace_period = "30s"
    var read_only: Bool?
    var tmpfs: [String]?
    var group_add: [String]?
    var cap_drop: [String]?
    var cap_add: [String]?
    var security_opt: [String] = []
    /// What the service writes is in the journal, so that Docker needs to keep little of it.
    var logging: Logging? = Logging()
    /// Bytes.
    var mem_limit: Int?
    var pids_limit: Int?
    var cpus: Double?
  }

  struct Port: Encodable {
    var target: Int
    var published: String
    /// Every address of both versions when nil.
    var host_ip: String?
    var `protocol`: String
  }

  struct Mount: Encodable {
    struct Volume: Encodable { var nocopy: Bool }
    struct Bind: Encodable { var create_host_path: Bool }

    var type: String
    var source: String
    var target: String
    var read_only: Bool
    var volume: Volume?
    var bind: Bind?
  }

  struct Logging: Encodable {
    var driver = "local"
    var options = ["max-size": "1m", "max-file": "2"]
  }

  struct Network: Encodable {
    struct Addresses: Encodable {
      struct Range: Encodable { var subnet: Subnet }
      var config: [Range]
    }

    var name: String
    /// Docker's own choice when nil.
    var ipam: Addresses?

    init(name: String, _ subnet: Subnet?) {
      self.name = name
      ipam = subnet.map { Addresses(config: [.init(subnet: $0)]) }
    }
  }

  struct Volume: Encodable {
    var name: String
    var driver: String
    var driver_opts: [String: String]
  }

  var name: String
  var services: [String: Service] = [:]
  var networks: [String: Network] = [:]
  var volumes: [String: Volume] = [:]

  init(name: String) { self.name = name }
}
