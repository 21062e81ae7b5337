import BerthKit

/// The unit that ends, at each boot, what broke off before it: a power cut may have come in the middle of a restore, and no
/// instance may start from what is half done.
public enum RecoveryUnit {
  /// - Returns: nil in a sandbox, whose manager no boot starts.
  public static func file(_ paths: ScopePaths, berth: String) -> RenderedFile? {
    guard let path = paths.recoveryUnit else { return nil }
    let words = ([berth, "operations", "recover", "--at-boot", "--wait", "60"] + paths.words).map(UnitText.word)
    let order = paths.scope == .system ? ["After=local-fs.target network.target docker.service"] : []
    let unit =
      ["Description=Berth: end what broke off before the host went down"] + order
      + ["ConditionPathExists=\(UnitText.literal(paths.registry))"]
    let service =
      [
        "Type=oneshot",
        "# What cannot be recovered keeps neither the host nor other instances from starting. The doctor names it.",
        "ExecStart=-\(words.joined(separator: " "))",
        "UnsetEnvironment=NOTIFY_SOCKET SYSTEMD_UNIT_PATH",
      ] + (paths.scope == .system ? [] : ["Environment=LIBDISPATCH_LOG=NO"])
      + paths.environment.map { "Environment=\"\(UnitText.quotedPiece("\($0.key)=\($0.value)"))\"" } + [
        "TimeoutStartSec=15min",
        "KillMode=mixed",
        "SyslogIdentifier=berth-recover",
      ]
    let install = ["WantedBy=\(paths.bootTarget)"]
    let text = [("Unit", unit), ("Service", service), ("Install", install)].map { name, lines in
      "\n[\(name)]\n" + lines.joined(separator: "\n") + "\n"
    }
    return RenderedFile(
      path: path,
      text:
        "\(UnitRenderer.signature). It is there as long as there are instances, and written anew whenever it differs.\n"
        + text.joined())
  }
}

extension UnitRenderer {
  /// That a service starts behind the recovery at a boot. Whoever recovers does not wait for what starts then.
  var afterRecovery: [String] { context.paths.recoveryUnit == nil ? [] : ["After=\(UnitName.recovery)"] }
}
