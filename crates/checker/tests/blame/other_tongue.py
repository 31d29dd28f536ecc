"""Refuses to serve, or to come, in a language that isn't English. HOST PORT"""
import sys

sys.exit(f"ошибка: {sys.argv[1]}:{sys.argv[2]}: адрес недоступен")
