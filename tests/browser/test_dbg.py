import time
from tests.browser.test_every_page import *
from tests.browser.conftest import *
def test_x(visitor, orders):
    t=time.time(); page=visitor.page("lichs",width=360,height=740); print("ctx",time.time()-t)
    t=time.time(); open_page(page,orders,"/tasks/{task:accept}"); print("open",time.time()-t)
    page.add_style_tag; 
    print(page.evaluate(SMALL_TARGETS.replace("size.height < 43.5 || size.width < 43.5","true")))
    t=time.time(); r=AXE.run(page).response; print("axe",time.time()-t, len(r["passes"]), len(r["violations"]), [i["id"] for i in r["incomplete"]])
    page.evaluate("document.querySelector('h1').style.color='#999'; document.querySelector('.button').style.minHeight='10px'; document.querySelector('.button').style.padding=0")
    print(violations(page)); print(page.evaluate(SMALL_TARGETS))
    t=time.time(); page.evaluate(AXE.axe_script); print("inject", time.time()-t)
