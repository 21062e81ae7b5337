/// The keys that a service may have in a plugin's file for Docker Compose (compose-spec).
///
/// This is the whole list: a key that is not here, such as one that a newer Compose brings, is refused.
public enum ComposeKey {
  /// What the value of a key looks like, and what of it could reach beyond the container.
  public enum Shape: Sendable {
    /// One scalar.
    case text
    case boolean
    /// A scalar or a list of scalars.
    case words
    /// A list of scalars, or a mapping to scalars.
    case pairs
    /// Pairs whose names are not Docker's own.
    case labels
    /// A mapping with these keys and scalars or lists of them.
    case fields([String])
    /// A mapping of names to a scalar, or to a mapping with these keys.
    case named([String])
    case image, volumes, networks, tmpfs, environment, networkMode
    /// How the service is stopped and started again, where its images come from, and what is kept of its words.
    case stopSignal, stopGrace, restart, pullPolicy, logging
    /// `true` and nothing else.
    case always
  }

  /// Keys that grant nothing, or that Berth reads itself.
  public static let allowed: [String: Shape] = [
    "cap_drop": .words, "command": .words, "dns": .words, "dns_opt": .words,
    "dns_search": .words, "domainname": .text, "entrypoint": .words, "environment": .environment, "expose": .words,
    "extra_hosts": .pairs,
    "healthcheck": .fields([
      "test", "interval", "timeout", "retries", "start_period", "start_interval", "disable",
    ]), "hostname": .text, "image": .image, "init": .boolean, "labels": .labels, "logging": .logging,
    "network_mode": .networkMode, "networks": .networks, "platform": .text, "pull_policy": .pullPolicy,
    "read_only": .always, "restart": .restart, "shm_size": .text, "stdin_open": .boolean,
    "stop_grace_period": .stopGrace, "stop_signal": .stopSignal, "tmpfs": .tmpfs, "tty": .boolean,
    "ulimits": .named(["soft", "hard"]), "user": .text, "volumes": .volumes, "working_dir": .text,
  ]

  /// Keys that reach beyond the container. Each needs its line below `loosen` in the plugin, with a reason.
  public enum Exception: String, Sendable, Codable, CaseIterable {
    case cgroup, cgroupParent = "cgroup_parent", deviceCgroupRules = "device_cgroup_rules", devices
    case groupAdd = "group_add", ipc, oomScoreAdj = "oom_score_adj", pid, privileged, runtime
    case securityOpt = "security_opt", sysctls, usernsMode = "userns_mode", uts
  }

  /// Keys that cannot stand in the file, and why.
  public static let refused: [String: String] = {
    var refused = [
      "annotations": "they change what the runtime and the service manager let a container do",
      "container_name": "a fixed name would be every instance's; Berth names its containers",
      "ports": "a port of the host would be every instance's; declare it below 'ports' in the plugin",
      "mac_address": "a fixed address would be every instance's",
      "depends_on": "Berth starts the services; say 'depends-on' in the plugin",
      "build": "an instance runs an image; name it",
      "env_file": "the variables stand below 'env' in the plugin",
      "profiles": "say 'when' in the plugin", "extends": "there is no other file beside it",
      "label_file": "there is no other file beside it", "scale": "make another instance instead",
      "configs": "there is no other file beside it; say 'config' and 'mounts' in the plugin",
      "secrets": "there is no other file beside it; say 'env' or 'config' in the plugin",
      "volumes_from": "name the volume in both services", "links": "every service is found by its name",
      "external_links": "an instance has a network of its own",
      "cap_add": "name each one with its reason below 'capabilities' in the plugin",
      "post_start": "it may run as root; say 'jobs' in the plugin",
      "pre_stop": "it may run as root; say 'stop.first' in the plugin",
      "use_api_socket": "it would hand Docker itself to the container",
      "gpus": "say 'devices' here and 'loosen: { devices: REASON }' in the plugin",
      "oom_kill_disable": "a program that takes too much is ended",
    ]
    for key in [
      "deploy", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "pids_limit", "cpus", "cpu_count",
      "cpu_percent", "cpu_shares", "cpu_period", "cpu_quota", "cpu_rt_runtime", "cpu_rt_period", "cpuset",
      "blkio_config",
    ] { refused[key] = "say 'limits' in the plugin" }
    return refused
  }()

  /// Every word that this list knows, for the nearest one to a mistyped word.
  static let known = (allowed.keys + Exception.allCases.map(\.rawValue) + refused.keys).sorted()
}
