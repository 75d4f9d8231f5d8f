"""Which kind of device a user agent names, by the tokens browsers agree on (RFC 9110 leaves the text free)."""


def device_of(user_agent: str) -> str:
    """`tablet`, `mobile`, `desktop`, or `unknown` where the text does not tell."""
    agent = user_agent.lower()
    if "ipad" in agent or "tablet" in agent or ("android" in agent and "mobi" not in agent):
        return "tablet"
    if "mobi" in agent or "iphone" in agent:
        return "mobile"
    if any(system in agent for system in ("windows", "macintosh", "x11", "linux", "cros")):
        return "desktop"
    return "unknown"
