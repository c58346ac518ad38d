DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i T"  # 22 de noviembre de 2026, 15:14 UTC
SHORT_DATETIME_FORMAT = "d/m/Y H:i T"
