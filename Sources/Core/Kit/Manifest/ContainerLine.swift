/// The lines that shut a container in beside its capabilities, by the words with which a plugin loosens them.
public enum ContainerLine: String, Sendable, Codable, CaseIterable {
  /// No program inside gets rights from a file's bits or capabilities.
  case noNewPrivileges = "no-new-privileges"
  /// What is in the image cannot be changed; only mounts and a few places in memory can be written.
  case readOnly = "read-only"
  /// No program inside can give a file the bits for another user or group, wherever the file lies.
  case noSetuid = "no-setuid"
  /// Root inside is nobody on the host: for containers of Podman's whose programs run as the instance's user.
  case userns
}

/// The rights that Linux divides root's into (capabilities(7)).
public enum Capability {
  public static let names = [
    "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
    "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
    "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP",
    "SETGID",
    "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE",
    "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
  ].map { "CAP_\($0)" }
}

/// Something that an instance may do beyond what shuts every service in, and why.
public struct Weakening: Sendable, Equatable, Codable {
  public let service: String
  /// A systemd key, a capability, a word of ``ContainerLine`` or of ``ComposeKey``, or a device.
  public let line: String
  public let reason: String

  public init(service: String, line: String, reason: String) {
    self.service = service
    self.line = line
    self.reason = reason
  }
}

extension Manifest {
  /// Everything that weakens the isolation of the services that an instance has.
  ///
  /// A device and a place of the host's that the plugin fixes are among it; a place that a person chooses is theirs.
  public func weakenings(_ settings: [String: Value]) -> [Weakening] {
    enabledServices(settings).flatMap { service -> [Weakening] in
      let devices = (service.container?.devices ?? []).filter { $0.condition?.holds(settings) ?? true }
      let mounts = service.enabledMounts(settings).filter { $0.volume == nil }.map(\.path)
      let served = staticFolders(of: service).filter { $0.route.condition?.holds(settings) ?? true }
        .map(\.folder.folder).filter { !mounts.contains($0) }
      let lines =
        (service.capabilities + service.loosen).map { ($0.key, $0.reason) }
        + devices.map { ("devices", "\($0.path) is shown to it") }
        + mounts.compactMap { place($0, settings) }.map { ("mounts", "\($0) of the host is shown to it") }
        + served.compactMap { place($0, settings) }.map { ("static", "\($0) of the host is served") }
      return lines.map { Weakening(service: service.id, line: $0.0, reason: $0.1) }
    }
  }
}

extension Manifest {
  /// The place of the host's that a plugin fixes, or suggests by a setting's default; nil for one of the instance's own, and
  /// where a person has to choose.
  private func place(_ path: Template, _ settings: [String: Value]) -> String? {
    if path.isAbsolute { return path.literalText ?? path.source }
    guard case .variable(let name)? = path.segments.first, name.hasPrefix("settings."),
      let setting = setting(String(name.dropFirst("settings.".count))), let start = setting.defaultValue,
      !start.variables.contains(where: { $0.hasPrefix("paths.") }), case .text(let path)? = settings[setting.id]
    else { return nil }
    return path
  }
}

extension Service {
  /// Whether its plugin loosens that line.
  public func loosens(_ line: ContainerLine) -> Bool { loosen.contains { $0.key == line.rawValue } }

  /// Whether its plugin accepts that key of its file for Docker Compose.
  public func accepts(_ key: ComposeKey.Exception) -> Bool { loosen.contains { $0.key == key.rawValue } }

  /// What every container may take at most, unless its plugin or its instance says otherwise.
  public static let containerLimits = Limits(memory: "2G", tasks: 512)

  /// The upper bounds, with those that every container has.
  public var bounds: Limits {
    guard container != nil else { return limits }
    var bounds = limits
    bounds.memory = limits.memory ?? Self.containerLimits.memory
    bounds.tasks = limits.tasks ?? Self.containerLimits.tasks
    return bounds
  }
}
