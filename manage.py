#!/usr/bin/env python
"""Run Retour's commands: `manage.py help` lists them."""

from config.command_line import main

if __name__ == "__main__":
    main()
