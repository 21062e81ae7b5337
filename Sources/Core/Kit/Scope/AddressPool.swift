/// Where the addresses of networks come from that Docker Compose makes.
///
/// Docker's own pools have room for some thirty networks of a host
/// (https://docs.docker.com/engine/network/#automatic-subnet-allocation).
public enum AddressPool {
  /// What instances' networks are cut from where `host.yaml` says nothing. The second and third are there for hosts on which
  /// the way into another network covers the first.
  public static let standard = ["10.213.0.0/16", "172.31.0.0/16", "192.168.240.0/20"].compactMap { Subnet($0) }

  /// The ranges that are nobody's on the internet (RFC 1918, and RFC 6598 for providers' own networks). A way into another one
  /// would hide a part of the internet from the host.
  public static let own = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].compactMap { Subnet($0) }

  /// The bits of one network: 32 addresses, of which 29 are left for containers.
  public static let bits = 27
  /// The bits that a pool may have.
  public static let sizes = 8...bits
}
