"""Staff accounts: roles (`roles`), coming and going (`accounts`), the second factor, throttled logins (`throttle`), the
idle limit (`idle`), mail. The screens are in `admin`. Never here: what the public sees."""
