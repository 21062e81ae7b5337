/// Turns the text of a `host.yaml` into what it says, strictly.
public struct HostConfigReader {
  private let file: YAMLFile

  /// - Parameter file: the path that errors name.
  public init(file: String) { self.file = YAMLFile(path: file, kind: .host) }

  /// - Throws: `bad-host-config` with file, line and key path.
  public func config(from text: String) throws -> HostConfig {
    let root = try file.root(of: text)
    let fields = try root.fields(["schema", "proxy", "registrations", "address-pools", "indexes"])
    let schema = try root.required("schema", in: fields)
    guard try schema.integer() == 1 else { throw schema.error("this Berth reads schema 1") }
    var config = HostConfig(proxy: try fields["proxy"].map(proxy))
    if let value = fields["address-pools"] { config.addressPools = try pools(value) }
    if let value = fields["indexes"] { config.indexes = try indexes(value) }
    guard let value = fields["registrations"] else { return config }
    if case .scalar = value.node {
      config.registrations = try folder(value)
    } else {
      let parts = try value.fields(["folder", "style"])
      config.registrations = try parts["folder"].map(folder) ?? .standard
      config.registrationStyle = try parts["style"].map { try $0.word(HostConfig.RegistrationStyle.self) } ?? .instance
    }
    return config
  }

  private func folder(_ value: YAMLValue) throws -> HostConfig.Registrations {
    let text = try value.text()
    if text == "none" { return .none }
    guard Route.isFolder(text) else {
      throw value.error("expected 'none' or an absolute path without quotes, '$' and wildcards")
    }
    return .folder(text)
  }

  /// One of something, or a list of them.
  private func listed(_ value: YAMLValue) throws -> [YAMLValue] {
    if case .scalar = value.node { [value] } else { try value.list() }
  }

  private func pools(_ value: YAMLValue) throws -> [Subnet] {
    let values = try listed(value)
    guard !values.isEmpty else { throw value.error("expected a range of addresses, or a list of them") }
    return try values.reduce(into: []) { pools, value in
      let text = try value.text()
      guard let pool = Subnet(text), AddressPool.sizes.contains(pool.bits) else {
        throw value.error(
          "expected a range of IPv4 addresses of \(AddressPool.sizes.lowerBound) to \(AddressPool.sizes.upperBound) bits, such as 10.213.0.0/16"
        )
      }
      guard AddressPool.own.contains(where: { $0.contains(pool) }) else {
        throw value.error(
          "\(pool) has addresses of the internet, which the host would no longer reach; expected a range in "
            + AddressPool.own.map(\.description).joined(separator: ", "))
      }
      if let other = pools.first(where: pool.overlaps) {
        throw value.error("\(pool) and \(other) have addresses in common")
      }
      pools.append(pool)
    }
  }

  private func indexes(_ value: YAMLValue) throws -> [PluginIndexPlace] {
    try value.list().reduce(into: []) { places, value in
      let fields = try value.fields(["name", "address", "keys"])
      let name = try value.required("name", in: fields)
      let address = try value.required("address", in: fields)
      let keys = try fields["keys"].map(listed) ?? []
      let place = PluginIndexPlace(
        try name.text(), at: try address.text(), keys: try keys.map { try key($0) })
      guard ManifestValidator.isIdentifier(place.name), !places.contains(where: { $0.name == place.name }) else {
        throw name.error("expected a name of its own, such as 'berth'")
      }
      guard ["https://", "http://", "/"].contains(where: place.address.hasPrefix), !place.address.hasControlCharacter
      else { throw address.error("expected an address that begins with https://, or an absolute path") }
      guard place.isOnHost || !place.keys.isEmpty else {
        throw value.error("'keys' is missing: what comes from a server has to be signed")
      }
      places.append(place)
    }
  }

  /// A public key as OpenSSH writes it: a kind and a text in base64.
  private func key(_ value: YAMLValue) throws -> String {
    let text = try value.text()
    guard text.wholeMatch(of: /[a-z][a-z0-9@.\-]+ [A-Za-z0-9+\/]+=*( [^\p{Cc}]*)?/) != nil else {
      throw value.error("expected a public key of OpenSSH's, such as 'ssh-ed25519 AAAA…'")
    }
    return text
  }

  private func proxy(_ value: YAMLValue) throws -> ProxyConfig {
    if case .scalar = value.node { return ProxyConfig(try value.word(ProxyConfig.Kind.self)) }
    let fields = try value.fields(["kind", "certificates", "keys"])
    let kind = try value.required("kind", in: fields)
    let config = ProxyConfig(
      try kind.word(ProxyConfig.Kind.self), certificates: try fields["certificates"].map(path),
      keys: try fields["keys"].map(path))
    guard (config.certificates == nil) == (config.keys == nil) else {
      throw value.error("'certificates' and 'keys' go together")
    }
    guard config.kind == .nginx || config.certificates == nil else {
      throw value.error("Caddy gets certificates by itself; 'certificates' and 'keys' go with nginx")
    }
    return config
  }

  private func path(_ value: YAMLValue) throws -> String {
    let text = try value.text()
    guard Route.isFolder(text.replacing("{host}", with: "x")) else {
      throw value.error("expected an absolute path without quotes, '$' and wildcards, with {host} for the host name")
    }
    return text
  }
}
