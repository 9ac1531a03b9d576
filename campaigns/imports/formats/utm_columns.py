"""What the columns are called that hold the values of the link a lead followed. Pure."""

UTM = {
    name: tuple(f"{before}{name.replace('_', space)}" for before in ("", "first touch ", "first ") for space in "_ -")
    for name in ("utm_source", "utm_medium", "utm_campaign", "utm_source_platform")
}
