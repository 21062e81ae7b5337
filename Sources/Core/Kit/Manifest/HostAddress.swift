import Glibc

/// Addresses that a port may be bound to.
public enum HostAddress {
  /// Whether the text is an IPv4 or IPv6 address in its usual form.
  public static func isAddress(_ text: String) -> Bool {
    // A NUL would hide the rest of the text from C.
    guard !text.hasControlCharacter else { return false }
    var storage = in6_addr()
    return inet_pton(AF_INET, text, &storage) == 1 || inet_pton(AF_INET6, text, &storage) == 1
  }

  /// Whether only programs of the same host reach it.
  public static func isLoopback(_ text: String) -> Bool { text.hasPrefix("127.") || text == "::1" }
}
