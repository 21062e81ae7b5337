import BerthKit

/// The lines that shut a container in, for both engines.
///
/// All capabilities are taken away but those that the plugin names, no program gains rights from a file, what is in the
/// image cannot be changed, and no file gets the bits for another user. Limits are the renderers' own (``Service/bounds``).
public enum ContainerHardening {
  /// Lines of a unit file for Podman; a comment stands for those that the plugin loosens.
  ///
  /// - Parameter rights: those of the manager that starts it.
  static func lines(
    of service: Service, _ instance: InstanceValues, profile: String, _ rights: ManagerRights
  ) -> [String] {
    func lines(_ key: ContainerLine, _ lines: [String]) -> [String] {
      service.loosen.first { $0.key == key.rawValue }.map { ["# \(key.rawValue) is loosened: \($0.reason)"] } ?? lines
    }
    func line(_ key: ContainerLine, _ text: String) -> [String] { lines(key, [text]) }
    return ["DropCapability=all"]
      + service.capabilities.flatMap { ["# \($0.key): \($0.reason)", "AddCapability=\($0.key)"] }
      + line(.noNewPrivileges, "NoNewPrivileges=true")
      // With it come /tmp, /run, /var/tmp and /dev/shm in memory.
      + line(.readOnly, "ReadOnly=true")
      + line(.noSetuid, "SeccompProfile=\(ContainerText.literal(profile))")
      // A person's container is in a user namespace anyway; whose its files are is its user's matter.
      + (service.container?.isInstanceUser == true && rights != .person
        ? lines(.userns, namespace(of: instance)) : [])
  }

  /// A user namespace that has two numbers: the instance's own, which is the same inside, so that its files are its own
  /// there too, and one for root inside, which is nobody's on the host. A group that it shares is the same inside as well.
  ///
  /// Everybody else whom the image names has no number, and so no rights, in it.
  private static func namespace(of instance: InstanceValues) -> [String] {
    [("UIDMap", instance.userNumber), ("GIDMap", instance.groupNumber)].flatMap { key, number in
      ["\(key)=0:\(innerRoot(besides: number)):1", "\(key)=\(number):\(number):1"]
    } + (instance.sharedGroup.map { ["GIDMap=\($0.number):\($0.number):1"] } ?? [])
  }

  /// The number of the host's for root in an instance's containers: behind those of instances (from 1,900,000,000 on) and
  /// below the largest that is positive in 32 bits.
  static func innerRoot(besides number: Int) -> Int { 2_100_100_000 + number % 47_000_000 }

  /// Sets the same for Docker Compose.
  ///
  /// - Parameter taken: the paths where the container has something else.
  static func apply(to own: inout ComposeProject.Service, of service: Service, profile: String, taken: Set<String>) {
    // What is privileged has every right, and Docker takes none of it away again.
    let isPrivileged = service.accepts(.privileged)
    if !isPrivileged {
      own.cap_drop = ["ALL"]
      own.cap_add = service.capabilities.isEmpty ? nil : service.capabilities.map(\.key)
    }
    own.security_opt = service.loosens(.noNewPrivileges) ? [] : ["no-new-privileges:true"]
    if !isPrivileged, !service.loosens(.noSetuid), !service.accepts(.securityOpt) {
      own.security_opt.append("seccomp:\(ComposeText.literal(profile))")
    }
    guard !service.loosens(.readOnly) else { return }
    own.read_only = true
    own.tmpfs = ["/run", "/tmp", "/var/tmp"].filter { !taken.contains($0) }.map {
      "\($0):rw,exec,nosuid,nodev,mode=1777"
    }
  }
}
