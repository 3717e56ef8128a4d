# Marelle : `make` seul affiche cette aide. Aucun chemin absolu : fonctionne dans tout dossier, espaces compris.
.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON
BIN := .venv/bin
SOURCES := domain records device_drivers terminal ingest_api warehouse jobs exchanges dashboards portal cli demo \
	scripts benchmarks tests

.PHONY: help run terminal test check format bench fuzz proof soak sabotage screenshots environment-run environment-terminal environment-test

help: ## cette aide
	@echo "Marelle : du badge de l'enfant à la facture, au repas et à l'heure CAF"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: environment-run ## installe, crée la ville de démonstration s'il n'y a pas de données, lance tout
	@$(BIN)/marelle run

terminal: environment-terminal ## installe la borne seule (Raspberry Pi) et la lance
	@$(BIN)/marelle terminal

test: environment-test ## installe ce qu'il faut aux tests, les lance tous (SUITES="unit sql" pour une partie)
	@$(BIN)/python scripts/run_tests.py $(SUITES)

check: environment-test ## format, lint, types, contrats d'import, style SQL, hygiène
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-cache
	$(BIN)/sqlfluff lint dbt_project
	$(BIN)/python -m pytest -q -n 2 tests/hygiene

format: environment-test ## remet en forme le code Python
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: environment-test ## toutes les mesures, vers benchmarks/results.md
	$(BIN)/python scripts/run_benchmarks.py

fuzz: environment-test ## données au hasard sur tout ce qui lit des octets, cent fois plus que make test
	@$(BIN)/python -m pytest -q -n 2 -m fuzz --hypothesis-profile=deep -o faulthandler_timeout=0 \
		tests/unit tests/ui

proof: environment-test ## compare les prix du SQL à un calcul lent et indépendant, sur LINES lignes au hasard (100 000 par défaut)
	$(BIN)/python -m tests.oracles.proof --lines $(or $(LINES),100000)

sabotage: environment-test ## plante quinze fautes l'une après l'autre : les preuves doivent trouver chacune (ONLY="3 7")
	@$(BIN)/python -m tests.sabotage $(ONLY)

soak: environment-test ## prouve la promesse pendant HOURS heures (1 par défaut) : pannes, coupures, semaines d'école
	$(BIN)/python -m tests.simulation.soak --hours $(or $(HOURS),1) $(OPTIONS)

screenshots: environment-test ## refait les images de docs/screenshots
	$(BIN)/python scripts/screenshots.py

environment-run environment-terminal environment-test: environment-%:
	@sh scripts/system_packages.sh $*
	@sh scripts/setup_environment.sh $*
