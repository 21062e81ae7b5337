import BerthKit

/// Config files as the applications write them, shortened, with what a person has added.
enum RealConfig {
  static func text(_ format: ConfigFile.Format) -> String {
    switch format {
    case .ini: qBittorrent
    case .xml: radarr
    case .json: factorio
    case .yaml: paper
    case .toml: velocity
    case .unreal: palworld
    case .properties: minecraft
    case .words: "sv_name \"Kids\"\nsv_port 8303 // the port\n# mine\nsv_map dm1\n"
    case .env: "A=\"1\"\n# mine\nexport B='x y'\n"
    case .template, .custom: ""
    }
  }

  static let radarr = """
    <Config>
      <BindAddress>*</BindAddress>
      <Port>7878</Port>
      <SslPort>9898</SslPort>
      <EnableSsl>False</EnableSsl>
      <!-- mine: do not touch -->
      <ApiKey>0123456789abcdef0123456789abcdef</ApiKey>
      <AuthenticationMethod>None</AuthenticationMethod>
      <UrlBase></UrlBase>
      <InstanceName>Radarr &amp; friends</InstanceName>
      <Branch>master</Branch>
    </Config>
    """

  static let qBittorrent = #"""
    [BitTorrent]
    Session\DefaultSavePath=/data/torrents
    Session\ExcludedFileNames=
    Session\Port=6881

    ; mine
    [LegalNotice]
    Accepted=true

    [Preferences]
    WebUI\Address=*
    WebUI\LocalHostAuth=false
    WebUI\Password_PBKDF2="@ByteArray(AAAAAAAAAAAAAAAAAAAAAA==:BBBB+/BB==)"
    WebUI\Port=8080
    WebUI\Username=admin

    """#

  static let factorio = """
    {
      "_comment_name": "Name of the game as it will appear in the game listing",
      "name": "Name of the game",
      "description": "Say \\"hi\\" \\u00e9",
      "tags": ["game", "tags"],

      "max_players": 0,
      "visibility":
      {
        "public": true,
        "lan": true
      },
      "username": "",
      "autosave_interval": 10,
      "afk_autokick_interval": 0.5,
      "admins": []
    }

    """

  static let paper = """
    # This is the global configuration file for Paper.
    _version: 29

    chunk-system:
      gen-parallelism: default
      io-threads: -1   # one for each core
    messages:
      kick:
        authentication-servers-down: <lang:multiplayer.disconnect.authservers_down>
        connection-throttle: 'Connection throttled! It''s too fast.'
    proxies:
      # behind Velocity
      velocity:
        enabled: false
        secret: ''
    commands: {suggest: true, fix: false}
    watchdog:
      early-warning-every: 5000
      list:
        - a
        - b: c

    """

  static let velocity = """
    # Config version. Do not change this
    config-version = "2.7"

    # What port should the proxy be bound to?
    bind = "0.0.0.0:25565"
    motd = "<#09add3>A Velocity Server"   # shown
    show-max-players = 500
    online-mode = true

    [servers]
    # Configure your servers here.
    lobby = "127.0.0.1:30066"
    try = [
        "lobby", # first
    ]

    [forced-hosts]
    "lobby.example.com" = [ "lobby" ]

    [advanced]
    compression-threshold = 256
    query.port = 25565

    [[plugin]]
    name = "a"

    [[plugin]]
    name = "b"

    """

  static let palworld = """
    ; mine
    [/Script/Pal.PalGameWorldSettings]
    OptionSettings=(Difficulty=None,DayTimeSpeedRate=1.000000,DeathPenalty=All,bIsMultiplay=False,ServerName="Default, \\"Palworld\\" Server",ServerPassword="",PublicPort=8211,CrossplayPlatforms=(Steam,Xbox,PS5,Mac),RCONEnabled=False,BanListURL="https://api.palworldgame.com/api/banlist.txt")

    [/Script/Engine.GameSession]
    MaxPlayers=32
    +Paths=a
    +Paths=b
    Name="x y"

    """

  static let minecraft = """
    #Minecraft server properties
    server-port=25565
    motd=A Minecraft Server
    enable-rcon=false

    """
}
