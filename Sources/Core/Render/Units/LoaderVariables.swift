import BerthKit

/// Variables of a service's environment by which libraries find what they load and read.
///
/// A unit's environment is that of Berth's own commands in it too, which have root's rights. With such a variable, a folder that
/// the instance or the maker of its program fills would decide what these commands load. So the manager knows these
/// variables under names of Berth's, and only the program gets them under their own, by env(1), as its own user.
enum LoaderVariables {
  /// What the C library itself does not trust in a program with more rights than its caller's, and Swift's own.
  ///
  /// Source: glibc, `sysdeps/generic/unsecvars.h`.
  private static let names: Set = [
    "GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NIS_PATH", "NLSPATH",
    "RESOLV_HOST_CONF", "RES_OPTIONS", "TMPDIR", "TZDIR",
  ]
  private static let prefixes = ["LD_", "MALLOC_", "SWIFT_"]

  private static func contains(_ name: String) -> Bool {
    names.contains(name) || prefixes.contains(where: name.hasPrefix)
  }

  /// What a variable is called in the unit's environment.
  static func unitName(_ name: String) -> String { contains(name) ? UnitText.environmentName("env.\(name)") : name }

  /// The words before a program's own by which it gets these variables; nothing where the service has none.
  static func words(of service: Service) -> [String] {
    let own = service.environment.map(\.name).filter(contains)
    guard service.container == nil, !own.isEmpty else { return [] }
    return [UnitText.word("/usr/bin/env")] + own.map { "\"\($0)=${\(unitName($0))}\"" }
  }
}
